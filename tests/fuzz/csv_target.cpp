#include <string_view>

#include "src/core/csv.h"
#include "src/core/error.h"
#include "tests/fuzz/targets.h"

namespace winnow::fuzz {

int fuzz_csv(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
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
