#include "src/config/reader.h"

#include <algorithm>
#include <map>

#include "src/config/layer.h"
#include "src/config/overrides.h"
#include "src/config/walk.h"
#include "src/core/text.h"

namespace winnow {

using namespace config;  // the room's own parts

namespace {

constexpr uint64_t kMostBytes = uint64_t{16} << 20;

/// The same for two paths of one file. What stands behind /dev/fd has no canonical path.
fs::path identity(const fs::path& file) {
  std::error_code error;
  const fs::path canonical = fs::canonical(file, error);
  return error ? fs::absolute(file).lexically_normal() : canonical;
}

using RecipeMap = std::map<std::string, std::string>;

/// Reads a file and the files it extends into layers, lowest first.
class Loader {
 public:
  Loader(Faults& faults, const RecipeMap* recipes) : faults_(faults), recipes_(recipes) {}

  /// @throws Error(kNotFound | kData) when the file cannot be read
  void load(const fs::path& file) {
    auto text = std::make_shared<Text>();
    text->name = file.string();
    text->text = read_file(file, kMostBytes);
    text->folder = fs::absolute(file).parent_path();
    text->order = texts_++;
    if (!main_) main_ = text;
    const auto document = parse_yaml({text, 0, 0}, faults_);
    if (!document) return;
    if (const Entry* recipe = document->find("recipe")) built_in(*recipe->value);
    open_.push_back(identity(file));
    names_.push_back(text->name);
    if (const Entry* extends = document->find("extends")) {
      const Node& value = *extends->value;
      if (value.kind == Node::Kind::kList)
        for (const auto& item : value.items) extend(file, *item);
      else
        extend(file, value);
    }
    names_.pop_back();
    open_.pop_back();
    layers_.push_back(document);
  }

  /// Adds the built-in text that `recipe:` names as the next layer.
  void built_in(const Node& value) {
    std::vector<std::string> known;
    if (recipes_)
      for (const auto& [name, text] : *recipes_) known.push_back(name);
    if (value.kind != Node::Kind::kScalar || std::find(known.begin(), known.end(), value.scalar) == known.end()) {
      const auto near = nearest_name(value.scalar, known);
      faults_.add(value.place, "'recipe' must name a built-in recipe (" + join(known, ", ") + "), got " +
                                   describe_node(value) + (near ? "; did you mean '" + *near + "'?" : ""));
      return;
    }
    auto text = std::make_shared<Text>();
    text->name = "recipe " + value.scalar;
    text->text = recipes_->at(value.scalar);
    text->order = texts_++;
    if (const auto document = parse_yaml({text, 0, 0}, faults_)) layers_.push_back(document);
  }

  std::vector<std::shared_ptr<Node>> layers_;
  std::shared_ptr<const Text> main_;
  int texts_ = 0;

 private:
  void extend(const fs::path& file, const Node& value) {
    if (value.kind != Node::Kind::kScalar || value.scalar.empty()) {
      faults_.add(value.place, "'extends' must be the path of a file, got " + describe_node(value));
      return;
    }
    const fs::path base = (file.parent_path() / value.scalar).lexically_normal();
    if (std::find(open_.begin(), open_.end(), identity(base)) != open_.end()) {
      faults_.add(value.place, "'extends' goes in a circle: " + join(names_, " -> ") + " -> " + base.string());
      return;
    }
    try {
      load(base);
    } catch (const Error& e) {
      faults_.add(value.place, "'extends' must name a readable file; " + std::string(e.what()) + sibling(base));
    }
  }

  static std::string sibling(const fs::path& base) {
    std::vector<std::string> names;
    std::error_code error;
    const fs::path folder = base.has_parent_path() ? base.parent_path() : fs::path(".");
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
      names.push_back(it->path().filename().string());
    std::sort(names.begin(), names.end());
    const auto near = nearest_name(base.filename().string(), names);
    return near && *near != base.filename().string() ? " (did you mean '" + *near + "'?)" : "";
  }

  Faults& faults_;
  const RecipeMap* recipes_;
  std::vector<fs::path> open_;
  std::vector<std::string> names_;
};

void check_choices(Options& root, Faults& faults, const Place& whole) {
  for_each_choice(root, [&](const std::string& key, Choice& choice, const Family& family) {
    if (!choice.name.empty()) return fill_choice(choice, family);
    if (!faults.touches(key)) faults.add(whole, "'" + key + "' is required: one of " + join(family.names(), ", "), key);
  });
}

void check_groups(Options& root, LayerState& state, const Place& whole) {
  for_each_group(root, [&](const std::string& key, Options& group) {
    // A fault left a default behind, which may not go with the other values.
    if (state.faults.touches(key)) return;
    const auto set_at = state.group_places.find(key);
    for (const auto& sentence : group.check())
      state.faults.add(set_at == state.group_places.end() ? whole : set_at->second,
                       (key.empty() ? "" : "'" + key + "': ") + sentence, key);
  });
}

}  // namespace

Origins read_config(const ConfigSource& source, Options& root) {
  Faults faults;
  Loader loader(faults, source.recipes);
  if (!source.file.empty()) loader.load(source.file);
  const auto overrides = parse_overrides(source.overrides, loader.texts_ + 1, faults);
  if (const Entry* recipe = overrides ? overrides->find("recipe") : nullptr) loader.built_in(*recipe->value);
  loader.layers_.push_back(overrides);
  Origins origins;
  LayerState state{faults, origins, {}, {}};
  for (const auto& line : resolved_lines(root)) state.known_keys.push_back(line.key);
  for (const auto& layer : loader.layers_) read_layer(state, *layer, root);
  const Place whole{loader.main_, -1, 0};
  check_choices(root, faults, whole);
  check_groups(root, state, whole);
  faults.raise(ErrorCode::kConfig);
  for (const auto& line : resolved_lines(root))
    if (line.leaf) origins.emplace(line.key, "default");
  return origins;
}

}  // namespace winnow
