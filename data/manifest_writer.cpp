#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>

#include "data/dataset.h"
#include "src/core/csv.h"

namespace winnow {
namespace {

using Cell = std::function<std::string(const Item&)>;

const std::vector<std::string>& own_columns() {
  static const std::vector<std::string> names = {"row", "path", "label", "split", "source", "group",
                                                 "x1",  "y1",   "x2",    "y2",    "weight", "image_root"};
  return names;
}

class ManifestWriter {
 public:
  ManifestWriter(const fs::path& file, const Dataset& dataset)
      : folder_(fs::absolute(file).parent_path()), dataset_(dataset) {
    add("row", [](const Item& x) { return std::to_string(x.row); });
    add("path", [](const Item& x) { return x.path; });
    add("label",
        [this](const Item& x) { return x.label < 0 ? "" : dataset_.label_names[static_cast<size_t>(x.label)]; });
    add_used("split", [](const Item& x) { return x.split; });
    add_used("source", [](const Item& x) { return x.source; });
    add_used("group", [](const Item& x) { return x.group; });
    add_used("weight", [](const Item& x) { return x.weight == 1.0 ? std::string() : fmt::format("{}", x.weight); });
    add_box();
    add_used("image_root", [this](const Item& x) { return image_root(x.path); });
    add_further();
  }

  std::string header() const { return csv_line(names_); }

  std::string line(const Item& item) const {
    std::vector<std::string> fields;
    for (const auto& cell : cells_) fields.push_back(cell(item));
    return csv_line(fields);
  }

 private:
  void add(std::string name, Cell cell) {
    names_.push_back(std::move(name));
    cells_.push_back(std::move(cell));
  }

  void add_used(std::string name, Cell cell) {
    const auto used = [&](const Item& item) { return !cell(item).empty(); };
    if (std::any_of(dataset_.items.begin(), dataset_.items.end(), used)) add(std::move(name), std::move(cell));
  }

  void add_box() {
    const auto edge = [](double Box::*member) {
      return [member](const Item& x) { return x.box ? fmt::format("{}", (*x.box).*member) : std::string(); };
    };
    add_used("x1", edge(&Box::x0));
    add_used("y1", edge(&Box::y0));
    add_used("x2", edge(&Box::x1));
    add_used("y2", edge(&Box::y1));
  }

  void add_further() {
    std::vector<std::string> further;
    for (const auto& item : dataset_.items)
      for (const auto& [name, value] : item.columns)
        if (std::find(further.begin(), further.end(), name) == further.end()) further.push_back(name);
    for (const auto& name : further) {
      const bool taken = std::find(own_columns().begin(), own_columns().end(), name) != own_columns().end();
      add(taken ? "original_" + name : name, [name](const Item& x) { return further_value(x, name); });
    }
  }

  static std::string further_value(const Item& item, const std::string& name) {
    for (const auto& [key, value] : item.columns)
      if (key == name) return value;
    return {};
  }

  /// Empty where the reader would look by itself: in the manifest's own folder.
  std::string image_root(const std::string& path) {
    if (fs::path(path).is_absolute() || !dataset_.store) return {};
    const fs::path origin = dataset_.store->origin(path);
    if (origin.empty()) return {};
    const auto [at, added] = roots_.try_emplace(origin.string());
    if (added) {
      at->second = fs::proximate(origin, folder_).string();
      if (at->second == ".") at->second.clear();
    }
    return at->second;
  }

  fs::path folder_;
  const Dataset& dataset_;
  std::vector<std::string> names_;
  std::vector<Cell> cells_;
  std::map<std::string, std::string> roots_;
};

}  // namespace

std::string write_manifest(const fs::path& file, const Dataset& dataset) {
  const ManifestWriter writer(file, dataset);
  AtomicFile out(file);
  out.write(writer.header());
  for (const auto& item : dataset.items) out.write(writer.line(item));
  return out.commit();
}

}  // namespace winnow
