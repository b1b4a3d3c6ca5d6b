#include <string_view>

#include "src/core/csv.h"
#include "src/core/csv_stream.h"
#include "src/core/error.h"
#include "tests/fuzz/targets.h"

namespace winnow::fuzz {
namespace {

/// The rows of a text or the error that ends them, the whole text read at once or in chunks of a few bytes.
std::string outcome(std::string_view text, size_t chunk) {
  const MemoryFile file(reinterpret_cast<const uint8_t*>(text.data()), text.size());
  const std::string name = file.path();
  try {
    std::string out;
    if (chunk == 0) {
      const Csv csv = parse_csv(text, "f");
      out = csv_line(csv.header);
      for (size_t i = 0; i < csv.rows.size(); ++i) out += std::to_string(csv.lines[i]) + csv_line(csv.rows[i]);
      return out;
    }
    CsvStream csv(name, size_t{1} << 20, chunk);
    out = csv_line(csv.columns().header);
    for (std::vector<std::string> row; csv.next(row);) out += std::to_string(csv.line()) + csv_line(row);
    return out;
  } catch (const Error& e) {
    const std::string what = e.what();
    return what.starts_with(name) ? "f" + what.substr(name.size()) : what;
  }
}

}  // namespace

int fuzz_csv(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  require(outcome(text, 0) == outcome(text, 1 + size % 7), "a streamed file has the rows and faults of a whole one");
  try {
    const Csv csv = parse_csv(text, "fuzz.csv");
    require(csv.rows.size() == csv.lines.size(), "each row has a line number");
    std::string written = csv_line(csv.header);
    for (size_t i = 0; i < csv.rows.size(); ++i) {
      require(csv.rows[i].size() == csv.header.size(), "rows are as wide as the header");
      require(i == 0 ? csv.lines[i] > 1 : csv.lines[i] > csv.lines[i - 1], "line numbers grow");
      written += csv_line(csv.rows[i]);
    }
    const Csv again = parse_csv(written, "again.csv");
    require(again.header == csv.header && again.rows == csv.rows, "what is written reads back the same");
  } catch (const Error& e) {
    require(e.code() == ErrorCode::kData && std::string_view(e.what()).substr(0, 8) == "fuzz.csv",
            "errors name the file");
  }
  return 0;
}

}  // namespace winnow::fuzz
