#include "src/core/csv.h"

#include <algorithm>

#include "src/core/csv_parser.h"
#include "src/core/error.h"
#include "src/core/shown.h"
#include "src/core/text.h"

namespace winnow {

int Csv::column(std::string_view name) const {
  const auto found = std::find(header.begin(), header.end(), name);
  return found == header.end() ? -1 : static_cast<int>(found - header.begin());
}

int Csv::require_column(std::string_view name) const {
  const int index = column(name);
  if (index < 0) {
    std::string message = source + ":1: a column '" + std::string(name) + "' is required";
    if (const auto near = nearest_name(name, header)) message += " (did you mean '" + shown(*near) + "'?)";
    throw Error(ErrorCode::kData, message + "; columns: " + shown(join(header, ", "), 400));
  }
  if (std::count(header.begin(), header.end(), name) > 1)
    throw Error(ErrorCode::kData, source + ":1: one column '" + std::string(name) + "' is required, there are several");
  return index;
}

Csv read_csv(const fs::path& file, uint64_t max_bytes) {
  const std::string text = read_file(file, max_bytes);
  return parse_csv(text, file.string());
}

Csv parse_csv(std::string_view text, std::string source) {
  Csv csv;
  csv.source = std::move(source);
  CsvParser parser(text, csv.source);
  int64_t line = 1;
  if (!parser.row(csv.header, line)) parser.fail(1, "a header line is required, the file is empty");
  std::vector<std::string> fields;
  while (parser.row(fields, line)) {
    parser.check_width(fields, csv.header.size(), line);
    csv.rows.push_back(std::move(fields));
    csv.lines.push_back(line);
    fields = {};
    fields.reserve(csv.header.size());
  }
  return csv;
}

std::string csv_field(std::string_view value) {
  const bool spaced = !value.empty() && (value.front() == ' ' || value.back() == ' ');
  // At the start of a file a plain one would be taken for the byte order mark.
  const bool marked = value.substr(0, kByteOrderMark.size()) == kByteOrderMark;
  if (!spaced && !marked && value.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(value);
  std::string out = "\"";
  for (const char c : value) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

std::string csv_line(const std::vector<std::string>& fields) {
  // A lone empty field would read back as an empty line.
  if (fields.size() == 1 && fields[0].empty()) return "\"\"\n";
  std::string out;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) out += ',';
    out += csv_field(fields[i]);
  }
  return out + '\n';
}

}  // namespace winnow
