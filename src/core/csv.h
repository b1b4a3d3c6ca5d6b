#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/core/files.h"

namespace winnow {

/// A parsed CSV file: RFC 4180 quoting, LF or CRLF, optional UTF-8 byte order mark, comma separator. Empty lines are no
/// rows; a quote inside an unquoted field is an ordinary character.
struct Csv {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;  ///< each as wide as the header
  std::vector<int64_t> lines;                  ///< 1-based line number of each row in the file

  /// Index of a column, or -1.
  int column(std::string_view name) const;
  /// Index of a column. @throws Error(kData) naming the file's columns and the nearest name, or when two columns
  /// have this name
  int require_column(std::string_view name) const;
  std::string source;  ///< file name for messages
};

/// @throws Error(kNotFound), Error(kData) `file.csv:LINE: expected N fields, got M`, or for an unclosed quote, text
/// after a closing quote, a NUL byte (binary or UTF-16), an empty file
Csv read_csv(const fs::path& file, uint64_t max_bytes = uint64_t{4} << 30);
Csv parse_csv(std::string_view text, std::string source);

/// Quotes a field when it needs it (comma, quote, line break, space at either end).
std::string csv_field(std::string_view value);
/// One line with a trailing LF; read back as the same fields.
std::string csv_line(const std::vector<std::string>& fields);

}  // namespace winnow
