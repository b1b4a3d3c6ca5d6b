#include "src/workflow/pictures.h"

#include <nlohmann/json.hpp>

#include "src/core/error.h"
#include "src/core/log.h"
#include "src/image/codec.h"

namespace winnow {
std::string source_to_text(const DataSource& source) {
  nlohmann::json j;
  j["data"] = absolute_path(source.data);
  for (const auto& archive : source.archives) j["archives"].push_back(absolute_path(archive));
  if (!source.root.empty()) j["root"] = absolute_path(source.root);
  if (!source.label.empty()) j["label"] = source.label;
  if (!source.path_column.empty()) j["path_column"] = source.path_column;
  for (const auto& condition : source.where) j["where"].push_back(condition);
  return j.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

DataSource source_from_text(const std::string& text) {
  const auto j = nlohmann::json::parse(text, nullptr, false);
  if (!j.is_object() || !j.contains("data") || !j["data"].is_string())
    throw Error(ErrorCode::kData, "[card] a data description is required, got '" + text + "'");
  DataSource source;
  source.data = j["data"].get<std::string>();
  source.archives = j.value("archives", std::vector<std::string>{});
  source.root = j.value("root", "");
  source.label = j.value("label", "");
  source.path_column = j.value("path_column", "");
  source.where = j.value("where", std::vector<std::string>{});
  return source;
}

PictureFinder::PictureFinder(std::string text) : text_(std::move(text)) {}

std::shared_ptr<ImageStore> PictureFinder::store() const {
  std::lock_guard lock(mutex_);
  if (!tried_) {
    tried_ = true;
    store_ = read_dataset(source_from_text(text_)).store;
  }
  if (!store_)
    throw Error(ErrorCode::kNotFound, "[pictures] the source of the pictures is not there any more: " + text_);
  return store_;
}

Image PictureFinder::picture(const std::string& path) const { return decode_image(store()->read(path), path); }

std::string PictureFinder::thumbnail(const std::string& path, int side) const {
  try {
    return thumbnail_data_uri(picture(path), side);
  } catch (const Error& e) {
    log_debug("no thumbnail: {}", e.what());
    return "";
  }
}

}  // namespace winnow
