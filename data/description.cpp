#include <algorithm>
#include <nlohmann/json.hpp>

#include "data/manifest.h"
#include "src/config/reader.h"
#include "src/core/error.h"
#include "src/core/text.h"

namespace winnow {
namespace {

using Json = nlohmann::json;

const std::vector<std::string>& known_keys() {
  static const std::vector<std::string> keys = {"name", "data", "archive", "root", "label", "path", "where"};
  return keys;
}

class DescriptionReader {
 public:
  explicit DescriptionReader(const fs::path& file) : file_(fs::absolute(file).lexically_normal()) {
    json_ = Json::parse(yaml_to_json(file_));
    if (!json_.is_object()) fail("a map with the keys " + join(known_keys(), ", ") + " is required");
    for (const auto& [key, value] : json_.items()) check_key(key);
    if (!json_.contains("data")) fail("the key 'data' (a folder or CSV) is required");
  }

  std::string text(const std::string& key) const {
    const auto found = json_.find(key);
    if (found == json_.end() || found->is_null()) return {};
    return scalar(key, *found);
  }

  std::vector<std::string> texts(const std::string& key) const {
    const auto found = json_.find(key);
    if (found == json_.end() || found->is_null()) return {};
    if (!found->is_array()) return {scalar(key, *found)};
    std::vector<std::string> out;
    for (const auto& value : *found) out.push_back(scalar(key, value));
    return out;
  }

  std::string path(const std::string& key) const {
    const std::string value = text(key);
    return value.empty() ? value : absolute(value);
  }

  std::vector<std::string> paths(const std::string& key) const {
    std::vector<std::string> out;
    for (const auto& value : texts(key)) out.push_back(absolute(value));
    return out;
  }

  const fs::path& file() const { return file_; }
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorCode::kData, "[data] " + to_valid_utf8(file_.string()) + ": " + what);
  }

 private:
  void check_key(const std::string& key) const {
    const auto& keys = known_keys();
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) return;
    const auto near = nearest_name(key, keys);
    fail("'" + key + "' is not a key of a data description" + (near ? " (did you mean '" + *near + "'?)" : "") +
         "; known: " + join(keys, ", "));
  }

  std::string scalar(const std::string& key, const Json& value) const {
    if (value.is_string()) return value.get<std::string>();
    if (value.is_number()) return value.dump();
    fail("'" + key + "' must be text, got " + value.dump());
  }

  std::string absolute(const std::string& value) const {
    return (file_.parent_path() / expand_environment(value)).lexically_normal().string();
  }

  fs::path file_;
  Json json_;
};

}  // namespace

DataSource resolve_description(const DataSource& given, std::string& name) {
  const DescriptionReader reader(given.data);
  DataSource out = given;
  out.data = reader.path("data");
  const std::string extension = lower(fs::path(out.data).extension().string());
  if (extension == ".yaml" || extension == ".yml")
    reader.fail("'data' must be a folder or CSV, not another description");
  if (out.archives.empty() && out.root.empty()) {
    out.archives = reader.paths("archive");
    out.root = reader.path("root");
  }
  if (out.label.empty()) out.label = reader.text("label");
  if (out.path_column.empty()) out.path_column = reader.text("path");
  out.where = reader.texts("where");
  out.where.insert(out.where.end(), given.where.begin(), given.where.end());
  name = reader.text("name");
  if (name.empty()) name = reader.file().stem().string();
  return out;
}

}  // namespace winnow
