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
  /// The folder or tar file that `path` is read from; empty when the store has no place on disk.
  virtual fs::path origin(const std::string&) const { return {}; }
};

/// Pictures in a folder tree; paths relative to `root` or absolute.
std::shared_ptr<ImageStore> open_folder_store(const fs::path& root);
/// An uncompressed POSIX/GNU/pax tar; its member table is read once, members by offset. Several tars: first match;
/// a path twice in one tar: the later member, as tar itself does. A leading "./" of a path does not matter.
/// @throws Error(kNotFound), Error(kData) with the byte offset of a bad header; links and devices are ignored
std::shared_ptr<ImageStore> open_tar_store(const std::vector<fs::path>& tars);

/// One picture of a data set. The row number of an item is its position in the manifest the user gave, and never
/// changes: filters keep the original numbers.
struct Item {
  int64_t row = 0;
  std::string path;    ///< as written in the manifest
  int64_t label = -1;  ///< index into Dataset::label_names; -1 = none
  std::string split, source, group;
  double weight = 1.0;
  std::optional<Box> box;  ///< region of interest in pixels of the upright picture (EXIF orientation applied)
  std::vector<std::pair<std::string, std::string>> columns;  ///< every further column, kept for --where and reports
};

struct Dataset {
  std::string name;  ///< what the user gave, for messages and cards
  std::vector<Item> items;
  std::vector<std::string> label_names;  ///< names of the labels in use, unique, sorted bytewise
  std::shared_ptr<ImageStore> store;
  std::string digest;                      ///< SHA-256 over the (row, path, label name) CSV lines of the items
  std::vector<std::string> empty_classes;  ///< class folders without a picture
  std::vector<std::string> notes;          ///< what the reader left out or found odd, one sentence each

  int64_t classes() const { return static_cast<int64_t>(label_names.size()); }
  std::vector<int64_t> labels() const;
};

/// How to read DATA (command line --archive, --label, --where; the `data:` section; or a YAML data description).
/// Paths may hold ${NAME} or ${NAME:-default} of the environment; a name that is not set is an Error(kConfig).
struct DataSource {
  std::string data;                   ///< folder of class folders, CSV file, YAML description, or one picture
  std::vector<std::string> archives;  ///< tar files that hold the pictures of a CSV
  std::string root;                   ///< folder that CSV paths are relative to (default: the CSV's folder)
  std::string label;                  ///< column with the label; "" = "label" where there is one, else unlabelled
  std::string path_column;            ///< default "path"
  std::vector<std::string> where;     ///< COLUMN=VALUE, COLUMN!=VALUE, also with @OTHER for VALUE; all must hold
};

/// Reads the manifest only (no picture is opened) and logs its notes as warnings.
/// - Folder: every picture file below `data/<class>/` (jpg jpeg png bmp pgm ppm pnm webp tif tiff), sorted by path; the
///   class is the first level; hidden names are ignored; pictures directly inside `data` have no label.
/// - CSV: columns path and label (or as mapped), and when present split, source, group, weight (>= 0), x1 y1 x2 y2
///   (pixels, right and lower edge outside), row (stable row numbers, as write_manifest writes them) and image_root
///   (folder or tar relative to the CSV; used unless archives or root are given). An empty label means unlabelled.
/// - YAML description: keys name, data, archive, root, label, path, where; its paths are relative to its folder. Values
///   given in `source` win; its `where` is added.
/// - One picture: a single unlabelled item.
/// The row number is the position in the folder listing or CSV before `where`.
/// @throws Error(kNotFound | kData) naming file and line; the same path (with the same box) twice, an unknown column
///         and no row left are errors; Error(kConfig) for a `where` without = and an environment variable that is not
///         set
Dataset read_dataset(const DataSource& source);

/// Replaces ${NAME} and ${NAME:-default} by the environment. @throws Error(kConfig) when NAME is not set or } missing
std::string expand_environment(const std::string& text);

/// Maps the labels onto the given table (a query set onto the training names); names that are not in it are appended.
void align_labels(Dataset& dataset, const std::vector<std::string>& label_names);

/// Removes names without an item from the label table; the others keep their order.
void compact_labels(Dataset& dataset);

/// Manifest CSV with row,path,label,split,... and image_root, so that reading it again (from the same place) gives the
/// same items, row numbers, digest and pictures; atomic. A further column named like one of ours becomes original_NAME.
/// @return SHA-256 of the file
std::string write_manifest(const fs::path& file, const Dataset& dataset);

/// The items[i] for which keep[i] (one a item); row numbers and the label table stay. @throws Error(kShape)
Dataset subset(const Dataset& dataset, const std::vector<char>& keep);

}  // namespace winnow
