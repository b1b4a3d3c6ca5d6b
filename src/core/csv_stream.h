#pragma once

#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "src/core/csv.h"

namespace winnow {

/// The rows of a CSV file one after the other, by the grammar of read_csv, in memory that does not grow with the file
/// (its longest row, and a chunk). Not thread-safe.
class CsvStream {
 public:
  /// Reads the header. @param chunk  bytes read at a time
  /// @throws Error(kNotFound), Error(kData) as read_csv
  explicit CsvStream(const fs::path& file, size_t max_row = size_t{64} << 20, size_t chunk = size_t{256} << 10);

  /// The next row, as wide as the header. @return false at the end
  /// @throws Error(kData) as read_csv, and for a row longer than max_row bytes
  bool next(std::vector<std::string>& fields);
  int64_t line() const { return row_line_; }    ///< of the row read last
  const Csv& columns() const { return head_; }  ///< header and file name; it has no rows

 private:
  bool row(std::vector<std::string>& fields);
  void read_more();

  Csv head_;
  std::ifstream in_;
  std::string buffer_;
  size_t at_ = 0, max_row_, chunk_;
  int64_t line_ = 1, row_line_ = 1;
  bool ended_ = false;
};

}  // namespace winnow
