#include "data/dataset.h"

#include <unordered_map>

#include "data/manifest.h"
#include "src/core/error.h"
#include "src/core/log.h"
#include "src/core/text.h"

namespace winnow {
namespace {

DataSource expanded(DataSource source) {
  source.data = expand_environment(source.data);
  source.root = expand_environment(source.root);
  for (auto& archive : source.archives) archive = expand_environment(archive);
  return source;
}

Manifest one_picture(const fs::path& file) {
  Manifest manifest;
  manifest.folder = file.parent_path();
  manifest.labelled = false;
  manifest.table.source = file.string();
  manifest.table.header = {"path", "label"};
  manifest.table.rows = {{file.filename().string(), ""}};
  manifest.table.lines = {1};
  return manifest;
}

Manifest read_manifest(const fs::path& data) {
  const std::string name = to_valid_utf8(data.string());
  if (!fs::exists(data))
    throw Error(ErrorCode::kNotFound, "[data] " + name +
                                          ": a folder, CSV, YAML description or picture is required, "
                                          "there is nothing of this name");
  if (fs::is_directory(data)) return list_folder(data);
  if (is_picture_name(data.string())) return one_picture(data);
  const std::string extension = lower(data.extension().string());
  if (extension == ".tar")
    throw Error(ErrorCode::kData,
                "[data] " + name + ": a tar needs a CSV that names its pictures: CSV --archive " + name);
  if (extension != ".csv")
    throw Error(ErrorCode::kData, "[data] " + name + ": DATA must be a folder of class folders, a .csv, a .yaml " +
                                      "description or a picture, got '" + extension + "'");
  Manifest manifest;
  manifest.table = read_csv(data);
  manifest.folder = data.parent_path();
  return manifest;
}

bool is_description(const fs::path& data) {
  const std::string extension = lower(data.extension().string());
  return (extension == ".yaml" || extension == ".yml") && !fs::is_directory(data);
}

void set_label_table(Dataset& dataset, std::vector<std::string> names, const std::vector<int64_t>& new_index) {
  for (auto& item : dataset.items)
    if (item.label >= 0) item.label = new_index[static_cast<size_t>(item.label)];
  dataset.label_names = std::move(names);
}

}  // namespace

std::vector<int64_t> Dataset::labels() const {
  std::vector<int64_t> out;
  out.reserve(items.size());
  for (const auto& item : items) out.push_back(item.label);
  return out;
}

Dataset read_dataset(const DataSource& given) {
  if (given.data.empty()) throw Error(ErrorCode::kConfig, "[data] a data set is required, none was named");
  DataSource source = expanded(given);
  std::string name = given.data;
  if (is_description(source.data)) source = resolve_description(source, name);
  Dataset dataset = build_dataset(read_manifest(source.data), source);
  dataset.name = std::move(name);
  for (const auto& note : dataset.notes) log_warning("[data] {}: {}", to_valid_utf8(dataset.name), note);
  return dataset;
}

std::string manifest_digest(const Dataset& dataset) {
  Sha256 digest;
  for (const auto& item : dataset.items) {
    const std::string label = item.label < 0 ? "" : dataset.label_names[static_cast<size_t>(item.label)];
    digest.update(csv_line({std::to_string(item.row), item.path, label}));
  }
  return digest.hex();
}

void align_labels(Dataset& dataset, const std::vector<std::string>& label_names) {
  std::vector<std::string> names = label_names;
  std::unordered_map<std::string, int64_t> index;
  for (size_t i = 0; i < names.size(); ++i) index.try_emplace(names[i], static_cast<int64_t>(i));
  std::vector<int64_t> new_index;
  for (const auto& name : dataset.label_names) {
    const auto [at, added] = index.try_emplace(name, static_cast<int64_t>(names.size()));
    if (added) names.push_back(name);
    new_index.push_back(at->second);
  }
  set_label_table(dataset, std::move(names), new_index);
}

void compact_labels(Dataset& dataset) {
  std::vector<char> used(dataset.label_names.size(), 0);
  for (const auto& item : dataset.items)
    if (item.label >= 0) used[static_cast<size_t>(item.label)] = 1;
  std::vector<std::string> names;
  std::vector<int64_t> new_index(used.size(), -1);
  for (size_t i = 0; i < used.size(); ++i) {
    if (!used[i]) continue;
    new_index[i] = static_cast<int64_t>(names.size());
    names.push_back(dataset.label_names[i]);
  }
  set_label_table(dataset, std::move(names), new_index);
}

Dataset subset(const Dataset& dataset, const std::vector<char>& keep) {
  if (keep.size() != dataset.items.size())
    throw Error(ErrorCode::kShape, "[subset] one mark an item is required: [" + std::to_string(dataset.items.size()) +
                                       "], got [" + std::to_string(keep.size()) + "]");
  Dataset out;
  out.name = dataset.name;
  out.label_names = dataset.label_names;
  out.store = dataset.store;
  for (size_t i = 0; i < keep.size(); ++i)
    if (keep[i]) out.items.push_back(dataset.items[i]);
  out.digest = manifest_digest(out);
  return out;
}

}  // namespace winnow
