#pragma once

#include <map>
#include <string>
#include <vector>

#include "src/core/csv.h"
#include "src/workflow/noise_source.h"

namespace winnow {

/// Class numbers of label texts over a table of names.
class LabelTable {
 public:
  /// @throws Error(kData) for a name that stands twice
  explicit LabelTable(std::vector<std::string> names);
  /// @throws Error(kData) beginning with `where`, with the nearest name
  int64_t find(const std::string& text, const std::string& where) const;
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<std::string> names_;
  std::map<std::string, int64_t> index_;
};

/// Each text once, in bytewise order, without the empty one.
std::vector<std::string> sorted_names(const std::vector<std::string>& texts);
/// A column of every row. @throws Error(kData) when the file has none of that name
std::vector<std::string> column_texts(const Csv& csv, const std::string& name);
/// Row numbers and paths of a label file into `source.rows`. @throws Error(kData)
void read_rows(const Csv& csv, NoiseSource& source);

}  // namespace winnow
