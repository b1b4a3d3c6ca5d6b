#include "data/manifest.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>

#include "src/core/error.h"
#include "src/core/text.h"

namespace winnow {
namespace {

constexpr std::array<const char*, 4> kBoxColumns = {"x1", "y1", "x2", "y2"};

/// Where the fields of an item stand in the table; -1 = no such column.
struct Columns {
  int path = -1, label = -1, row = -1, split = -1, source = -1, group = -1, weight = -1, image_root = -1;
  std::array<int, 4> box = {-1, -1, -1, -1};
  std::vector<int> further;
};

Columns find_columns(const Csv& table, const DataSource& source) {
  Columns c;
  c.path = table.require_column(source.path_column.empty() ? "path" : source.path_column);
  // A column that was asked for must exist; the default one may be missing.
  c.label = source.label.empty() ? table.column("label") : table.require_column(source.label);
  c.row = table.column("row");
  c.split = table.column("split");
  c.source = table.column("source");
  c.group = table.column("group");
  c.weight = table.column("weight");
  c.image_root = table.column("image_root");
  for (size_t i = 0; i < 4; ++i) c.box[i] = table.column(kBoxColumns[i]);
  if (std::count(c.box.begin(), c.box.end(), -1) > 0) c.box.fill(-1);
  std::unordered_set<int> known = {c.path, c.label, c.row, c.split, c.source, c.group, c.weight, c.image_root};
  known.insert(c.box.begin(), c.box.end());
  for (int i = 0; i < static_cast<int>(table.header.size()); ++i)
    if (!known.contains(i)) c.further.push_back(i);
  return c;
}

class Builder {
 public:
  Builder(const Manifest& manifest, const DataSource& source)
      : manifest_(manifest), table_(manifest.table), source_(source), columns_(find_columns(table_, source)) {}

  Dataset build() {
    const auto kept = select_rows(table_, source_.where);
    label_table(kept);
    dataset_.items.reserve(kept.size());
    for (const size_t i : kept) add_item(i);
    throw_faults();
    dataset_.empty_classes = manifest_.empty_classes;
    dataset_.notes = manifest_.notes;
    note_unlabelled();
    dataset_.store = open_store(kept);
    dataset_.digest = manifest_digest(dataset_);
    return std::move(dataset_);
  }

 private:
  const std::string& cell(size_t row, int column) const {
    static const std::string none;
    return column < 0 ? none : table_.rows[row][static_cast<size_t>(column)];
  }

  void fault(size_t row, const std::string& what) {
    if (faults_.size() < kFaultsShown)
      faults_.push_back(to_valid_utf8(table_.source) + ":" + std::to_string(table_.lines[row]) + ": " + what);
    ++fault_count_;
  }

  void throw_faults() const {
    if (fault_count_ == 0) return;
    std::string message =
        "[data] " + std::to_string(fault_count_) + (fault_count_ == 1 ? " faulty row" : " faulty rows");
    for (const auto& text : faults_) message += "\n  " + text;
    if (fault_count_ > faults_.size()) message += "\n  ...";
    throw Error(ErrorCode::kData, message);
  }

  void label_table(const std::vector<size_t>& kept) {
    auto& names = dataset_.label_names;
    if (columns_.label < 0) return;
    std::unordered_set<std::string_view> seen;
    for (const size_t i : kept) {
      const std::string& name = cell(i, columns_.label);
      if (!name.empty() && seen.insert(name).second) names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    for (size_t i = 0; i < names.size(); ++i) label_index_[names[i]] = static_cast<int64_t>(i);
  }

  void add_item(size_t i) {
    Item item;
    item.path = cell(i, columns_.path);
    if (item.path.empty()) return fault(i, "the path is empty");
    item.row = row_number(i);
    if (const std::string& name = cell(i, columns_.label); !name.empty()) item.label = label_index_.at(name);
    item.split = cell(i, columns_.split);
    item.source = cell(i, columns_.source);
    item.group = cell(i, columns_.group);
    item.weight = weight(i);
    item.box = box(i);
    for (const int c : columns_.further) item.columns.emplace_back(table_.header[static_cast<size_t>(c)], cell(i, c));
    check_unique(i, item);
    dataset_.items.push_back(std::move(item));
  }

  int64_t row_number(size_t i) {
    if (columns_.row < 0) return static_cast<int64_t>(i);
    const auto value = parse_int(cell(i, columns_.row));
    if (!value || *value < 0) {
      fault(i, "the column 'row' holds stable row numbers (integers from 0), got '" +
                   to_valid_utf8(cell(i, columns_.row)) + "'; rename it if it means something else");
      return 0;
    }
    if (!rows_.insert(*value).second) fault(i, "the row number " + std::to_string(*value) + " is used twice");
    return *value;
  }

  double weight(size_t i) {
    const std::string& text = cell(i, columns_.weight);
    if (text.empty()) return 1.0;
    const auto value = parse_double(text);
    if (value && *value >= 0) return *value;
    fault(i, "a weight must be a number >= 0, got '" + to_valid_utf8(text) + "'");
    return 1.0;
  }

  std::optional<Box> box(size_t i) {
    if (columns_.box[0] < 0) return std::nullopt;
    std::array<double, 4> edge{};
    int given = 0, numbers = 0;
    for (size_t k = 0; k < 4; ++k) {
      const std::string& text = cell(i, columns_.box[k]);
      given += text.empty() ? 0 : 1;
      if (const auto value = parse_double(text)) edge[k] = *value, ++numbers;
    }
    if (given == 0) return std::nullopt;
    if (numbers == 4 && edge[0] >= 0 && edge[1] >= 0 && edge[2] > edge[0] && edge[3] > edge[1])
      return Box{edge[0], edge[1], edge[2], edge[3]};
    fault(i, "a box needs numbers 0 <= x1 < x2 and 0 <= y1 < y2");
    return std::nullopt;
  }

  /// One picture may come with several boxes; the same region twice is a mistake.
  void check_unique(size_t i, const Item& item) {
    std::string key = item.path;
    if (item.box)
      for (const int c : columns_.box) key += '\0' + cell(i, c);
    const auto [at, added] = lines_.try_emplace(std::move(key), table_.lines[i]);
    if (!added) fault(i, "the path " + to_valid_utf8(item.path) + " is already in line " + std::to_string(at->second));
  }

  void note_unlabelled() {
    if (columns_.label < 0 || !manifest_.labelled) return;
    const auto count =
        std::count_if(dataset_.items.begin(), dataset_.items.end(), [](const Item& x) { return x.label < 0; });
    if (count > 0)
      dataset_.notes.push_back(std::to_string(count) + " of " + std::to_string(dataset_.items.size()) +
                               " rows have no label in column '" +
                               to_valid_utf8(table_.header[static_cast<size_t>(columns_.label)]) + "'");
  }

  std::shared_ptr<ImageStore> open_store(const std::vector<size_t>& kept) const {
    if (!source_.archives.empty()) return open_tar_store({source_.archives.begin(), source_.archives.end()});
    if (!source_.root.empty()) return open_folder_store(source_.root);
    std::vector<fs::path> roots;
    for (const size_t i : kept) {
      const std::string& root = cell(i, columns_.image_root);
      if (root.empty()) continue;
      const fs::path place = (manifest_.folder / root).lexically_normal();
      if (std::find(roots.begin(), roots.end(), place) == roots.end()) roots.push_back(place);
    }
    if (roots.empty()) return open_folder_store(manifest_.folder);
    if (roots.size() == 1 && fs::is_directory(roots[0])) return open_folder_store(roots[0]);
    return open_tar_store(roots);
  }

  static constexpr size_t kFaultsShown = 10;
  const Manifest& manifest_;
  const Csv& table_;
  const DataSource& source_;
  const Columns columns_;
  Dataset dataset_;
  std::unordered_map<std::string, int64_t> label_index_;
  std::unordered_map<std::string, int64_t> lines_;
  std::unordered_set<int64_t> rows_;
  std::vector<std::string> faults_;
  size_t fault_count_ = 0;
};

}  // namespace

Dataset build_dataset(const Manifest& manifest, const DataSource& source) { return Builder(manifest, source).build(); }

}  // namespace winnow
