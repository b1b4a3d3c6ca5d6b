#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "src/core/files.h"
#include "src/image/image.h"

namespace winnow {

/// Where pictures come from: files below a folder, or members of an uncompressed tar read in place. Thread-safe.
class ImageStore {
 public:
  virtual ~ImageStore() = default;
  /// Encoded bytes of a picture. @throws Error(kNotFound | kData) naming the path
  virtual std::vector<std::byte> read(const std::string& path) const = 0;
  virtual bool contains(const std::string& path) const = 0;
};

/// Pictures in a folder tree; paths relative to `root` or absolute.
std::shared_ptr<ImageStore> open_folder_store(const fs::path& root);
/// An uncompressed POSIX/GNU/pax tar; its member table is read once, members by offset. Several tars: first match.
/// @throws Error(kData) with the byte offset of a bad header; links and devices are ignored
std::shared_ptr<ImageStore> open_tar_store(const std::vector<fs::path>& tars);

/// One picture of a data set. The row number of an item is its position in the manifest the user gave, and never
/// changes: filters keep the original numbers.
struct Item {
  int64_t row = 0;
  std::string path;    ///< as written in the manifest
  int64_t label = -1;  ///< index into Dataset::label_names; -1 = none
  std::string split, source, group;
  double weight = 1.0;
  std::optional<Box> box;  ///< region of interest in source pixels
  std::vector<std::pair<std::string, std::string>> columns;  ///< every further column, kept for --where and reports
};

struct Dataset {
  std::string name;                      ///< what the user gave, for messages and cards
  std::vector<Item> items;
  std::vector<std::string> label_names;  ///< sorted by first appearance order of the byte-wise sorted names
  std::shared_ptr<ImageStore> store;
  std::string digest;                    ///< SHA-256 over the manifest's (row, path, label) lines

  int64_t classes() const { return static_cast<int64_t>(label_names.size()); }
  std::vector<int64_t> labels() const;
};

/// How to read DATA (command line --archive, --label, --where; the `data:` section; or a YAML data description).
struct DataSource {
  std::string data;                    ///< folder of class folders, CSV file, or YAML description
  std::vector<std::string> archives;   ///< tar files that hold the pictures of a CSV
  std::string root;                    ///< folder that CSV paths are relative to (default: the CSV's folder)
  std::string label;                   ///< column with the label (default "label"); "" with no such column = unlabelled
  std::string path_column;             ///< default "path"
  std::vector<std::string> where;      ///< COLUMN=VALUE or COLUMN!=VALUE; all must hold
};

/// Reads the manifest only (no picture is opened). Folder: every picture file below `root/<class>/`, sorted by path;
/// nested folders: the class is the first level. YAML description: keys data, archive, root, label, path, where.
/// @throws Error(kNotFound | kData) naming file and line; duplicates of a path are errors
Dataset read_dataset(const DataSource& source);

/// Label names not yet known are appended; maps other's labels onto the given table (train names -> query set).
void align_labels(Dataset& dataset, const std::vector<std::string>& label_names);

/// Manifest CSV with row,path,label,split,... so that reading it again gives the same rows; atomic. @return SHA-256
std::string write_manifest(const fs::path& file, const Dataset& dataset);

/// The subset with items[i] for which keep[i]; row numbers stay.
Dataset subset(const Dataset& dataset, const std::vector<char>& keep);

}  // namespace winnow
