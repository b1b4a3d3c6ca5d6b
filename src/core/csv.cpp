#include "src/core/csv.h"

#include <algorithm>

#include "src/core/error.h"
#include "src/core/text.h"

namespace winnow {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

class Parser {
 public:
  Parser(std::string_view text, const std::string& source) : text_(text), source_(source) {
    if (text_.substr(0, kByteOrderMark.size()) == kByteOrderMark) at_ = kByteOrderMark.size();
  }

  /// Reads the next row that is not empty. @return false at the end
  bool row(std::vector<std::string>& fields, int64_t& line) {
    while (at_line_break()) skip_line_break();
    if (at_ >= text_.size()) return false;
    line = line_;
    fields.clear();
    while (true) {
      fields.push_back(text_[at_] == '"' ? quoted() : plain());
      if (at_ >= text_.size()) return true;
      if (at_line_break()) {
        skip_line_break();
        return true;
      }
      ++at_;  // the comma
      if (at_ >= text_.size()) {
        fields.emplace_back();
        return true;
      }
    }
  }

  [[noreturn]] void fail(int64_t line, const std::string& what) const {
    throw Error(ErrorCode::kData, source_ + ":" + std::to_string(line) + ": " + what);
  }

 private:
  /// A lone CR is part of a field, except at the very end of the text.
  bool at_line_break() const {
    if (at_ >= text_.size()) return false;
    if (text_[at_] == '\n') return true;
    return text_[at_] == '\r' && (at_ + 1 == text_.size() || text_[at_ + 1] == '\n');
  }
  void skip_line_break() {
    if (text_[at_] == '\r') ++at_;
    ++at_;
    ++line_;
  }
  char checked() const {
    const char c = text_[at_];
    if (c == '\0') fail(line_, "text is required, got a NUL byte (a binary file or UTF-16?)");
    return c;
  }

  std::string plain() {
    const size_t begin = at_;
    while (at_ < text_.size() && checked() != ',' && !at_line_break()) ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }

  std::string quoted() {
    const int64_t opened = line_;
    std::string field;
    ++at_;
    while (true) {
      if (at_ >= text_.size()) fail(opened, "the quote that opens here is never closed");
      const char c = checked();
      ++at_;
      if (c == '\n') ++line_;
      if (c != '"') {
        field += c;
      } else if (at_ < text_.size() && text_[at_] == '"') {
        field += '"';
        ++at_;
      } else {
        break;
      }
    }
    if (at_ < text_.size() && text_[at_] != ',' && !at_line_break())
      fail(line_, "a comma or the end of the line is required after a closing quote");
    return field;
  }

  std::string_view text_;
  const std::string& source_;
  size_t at_ = 0;
  int64_t line_ = 1;
};

}  // namespace

int Csv::column(std::string_view name) const {
  const auto found = std::find(header.begin(), header.end(), name);
  return found == header.end() ? -1 : static_cast<int>(found - header.begin());
}

int Csv::require_column(std::string_view name) const {
  const int index = column(name);
  if (index < 0) {
    std::string message = source + ":1: a column '" + std::string(name) + "' is required";
    if (const auto near = nearest_name(name, header)) message += " (did you mean '" + *near + "'?)";
    throw Error(ErrorCode::kData, message + "; columns: " + join(header, ", "));
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
  Parser parser(text, csv.source);
  int64_t line = 1;
  if (!parser.row(csv.header, line)) parser.fail(1, "a header line is required, the file is empty");
  std::vector<std::string> fields;
  while (parser.row(fields, line)) {
    if (fields.size() != csv.header.size())
      parser.fail(line,
                  "expected " + std::to_string(csv.header.size()) + " fields, got " + std::to_string(fields.size()));
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
