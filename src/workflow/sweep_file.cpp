#include <nlohmann/json.hpp>
#include <set>

#include "src/config/reader.h"
#include "src/core/error.h"
#include "src/core/text.h"
#include "src/workflow/sweep.h"

namespace winnow {
namespace {

using Json = nlohmann::ordered_json;

/// A sweep description with its file, for messages and {here}.
class SweepFile {
 public:
  explicit SweepFile(const fs::path& file) : file_(file), json_(Json::parse(yaml_to_json(file))) {
    static const std::vector<std::string> kKeys = {"name", "recipe",  "seeds",    "metrics",      "settings",
                                                   "data", "methods", "evaluate", "equal_budgets"};
    if (!json_.is_object()) fail("file", "a map is required");
    for (const auto& [key, value] : json_.items())
      if (std::find(kKeys.begin(), kKeys.end(), key) == kKeys.end()) {
        const auto near = nearest_name(key, kKeys);
        fail(key, "unknown key; " + (near ? "did you mean '" + *near + "'?" : "keys are " + join(kKeys, ", ")));
      }
  }

  [[noreturn]] void fail(const std::string& key, const std::string& what) const {
    throw Error(ErrorCode::kConfig, "[sweep] " + file_.string() + ": " + key + ": " + what);
  }

  const Json* find(const std::string& key) const { return json_.contains(key) ? &json_.at(key) : nullptr; }

  const Json& map(const std::string& key) const {
    const Json* value = find(key);
    if (!value || !value->is_object() || value->empty()) fail(key, "a map of names is required");
    return *value;
  }

  std::string expand(std::string text) const {
    const std::string here = fs::absolute(file_).parent_path().lexically_normal().string();
    for (size_t at = text.find("{here}"); at != std::string::npos; at = text.find("{here}", at + here.size()))
      text.replace(at, 6, here);
    return expand_environment(text);
  }

  std::string text(const Json& value, const std::string& key) const {
    if (!value.is_string()) fail(key, "a text is required");
    return expand(value.get<std::string>());
  }

  std::vector<std::string> texts(const Json& value, const std::string& key) const {
    std::vector<std::string> out;
    if (value.is_string()) return {text(value, key)};
    if (!value.is_array()) fail(key, "a list of texts is required");
    for (const auto& item : value) out.push_back(text(item, key));
    return out;
  }

  std::vector<std::string> texts_of(const std::string& key, std::vector<std::string> otherwise) const {
    const Json* value = find(key);
    return value ? texts(*value, key) : otherwise;
  }

  DataSource source(const Json& value, const std::string& key) const {
    if (!value.is_object()) fail(key, "a map with data, archive, label and where is required");
    DataSource out;
    for (const auto& [name, item] : value.items()) {
      const std::string where = key + "." + name;
      if (name == "data")
        out.data = text(item, where);
      else if (name == "archive")
        out.archives = texts(item, where);
      else if (name == "root")
        out.root = text(item, where);
      else if (name == "label")
        out.label = text(item, where);
      else if (name == "where")
        out.where = texts(item, where);
      else
        fail(where, "unknown key; data, archive, root, label and where are known");
    }
    if (out.data.empty()) fail(key, "data is required");
    return out;
  }

 private:
  fs::path file_;
  Json json_;
};

struct Method {
  std::string name, told;
  std::vector<std::string> settings;
};

std::vector<Method> read_methods(const SweepFile& file) {
  std::vector<Method> out;
  for (const auto& [name, value] : file.map("methods").items()) {
    Method method{name, "", {}};
    const std::string key = "methods." + name;
    if (value.is_object()) {
      for (const auto& [part, item] : value.items()) {
        if (part == "told")
          method.told = file.text(item, key + ".told");
        else if (part == "set")
          method.settings = file.texts(item, key + ".set");
        else
          file.fail(key + "." + part, "unknown key; told and set are known");
      }
    } else {
      method.settings = file.texts(value, key);
    }
    out.push_back(std::move(method));
  }
  return out;
}

std::vector<int64_t> read_seeds(const SweepFile& file) {
  const auto* value = file.find("seeds");
  if (!value) return {1, 2, 3};
  std::vector<int64_t> out;
  for (const auto& item : value->is_array() ? *value : Json::array({*value})) {
    if (!item.is_number_integer() || item.get<int64_t>() < 0) file.fail("seeds", "integers from 0 on are required");
    out.push_back(item.get<int64_t>());
  }
  if (out.empty() || std::set<int64_t>(out.begin(), out.end()).size() != out.size())
    file.fail("seeds", "one or more different seeds are required");
  return out;
}

void check_name(const SweepFile& file, const std::string& name) {
  if (name.empty() || name.front() == '.' || name.find('/') != std::string::npos)
    file.fail(name, "a name that can be a folder is required");
}

void read_evaluation(const SweepFile& file, Sweep& sweep) {
  const Json* value = file.find("evaluate");
  if (!value) return;
  if (!value->is_object() || !value->contains("queries")) file.fail("evaluate", "queries are required");
  sweep.evaluate = true;
  sweep.queries = file.source(value->at("queries"), "evaluate.queries");
  if (value->contains("gallery")) sweep.gallery = file.source(value->at("gallery"), "evaluate.gallery");
}

}  // namespace

Sweep read_sweep(const fs::path& path, const fs::path& out) {
  const SweepFile file(path);
  Sweep sweep;
  sweep.name = file.find("name") ? file.text(*file.find("name"), "name") : path.stem().string();
  if (const Json* recipe = file.find("recipe"))
    sweep.recipe = (path.parent_path() / file.text(*recipe, "recipe")).lexically_normal();
  sweep.metrics = file.texts_of("metrics", {"recall@1", "map@r"});
  if (const Json* equal = file.find("equal_budgets")) {
    if (!equal->is_boolean()) file.fail("equal_budgets", "true or false is required");
    sweep.equal_budgets = equal->get<bool>();
  }
  read_evaluation(file, sweep);
  const auto settings = file.texts_of("settings", {});
  const auto methods = read_methods(file);
  sweep.baseline = methods.front().name;
  const auto seeds = read_seeds(file);
  for (const auto& [data, value] : file.map("data").items()) {
    check_name(file, data);
    const auto data_settings = file.texts(value, "data." + data);
    for (const auto& method : methods) {
      check_name(file, method.name);
      for (const int64_t seed : seeds) {
        const std::string last = "seed-" + std::to_string(seed);
        SweepCell cell{data, method.name, method.told, seed, settings, out / data / method.name / last};
        cell.settings.insert(cell.settings.end(), data_settings.begin(), data_settings.end());
        cell.settings.insert(cell.settings.end(), method.settings.begin(), method.settings.end());
        cell.settings.push_back("training.seed=" + std::to_string(seed));
        sweep.cells.push_back(std::move(cell));
      }
    }
  }
  return sweep;
}

}  // namespace winnow
