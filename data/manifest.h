#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "data/dataset.h"
#include "src/core/csv.h"

namespace winnow {

/// Any source of DATA before it becomes items: a table with a path column, in the user's order.
struct Manifest {
  Csv table;
  fs::path folder;                         ///< what relative paths start from
  std::vector<std::string> empty_classes;  ///< see Dataset
  std::vector<std::string> notes;
  bool labelled = true;  ///< false: empty labels are explained elsewhere and need no note
};

/// True for the picture extensions of read_dataset, upper or lower case.
bool is_picture_name(std::string_view name);

/// Lists a folder of class folders as path,label rows in bytewise order of the path; links are followed, cycles not.
/// @throws Error(kData) when it holds no picture
Manifest list_folder(const fs::path& root);

/// One condition of `where`.
struct Condition {
  std::string column, value;
  bool equal = true;
};
/// COLUMN=VALUE or COLUMN!=VALUE. @throws Error(kConfig)
Condition parse_condition(const std::string& text);

/// The rows for which every condition holds; a value @OTHER stands for what the row has in column OTHER.
/// @throws Error(kData) for an unknown column, or naming the values of the columns when no row is left
std::vector<size_t> select_rows(const Csv& table, const std::vector<std::string>& where);

/// Items, label table and store of a manifest. @throws Error(kData) listing every faulty row
Dataset build_dataset(const Manifest& manifest, const DataSource& source);

/// Replaces a YAML data description by what it says, overlaid with the values of `given`. Paths come out absolute.
/// @param name  out: `name:` or the file's stem
DataSource resolve_description(const DataSource& given, std::string& name);

/// Dataset::digest of the items as they are.
std::string manifest_digest(const Dataset& dataset);

}  // namespace winnow
