#include "src/config/layer.h"

#include <algorithm>

#include "src/config/scalars.h"
#include "src/config/walk.h"
#include "src/core/text.h"

namespace winnow::config {
namespace {

using Kind = Node::Kind;

void erase_below(Origins& origins, const std::string& key) {
  const std::string prefix = key + ".";
  auto it = origins.lower_bound(prefix);
  while (it != origins.end() && it->first.rfind(prefix, 0) == 0) it = origins.erase(it);
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& known) {
  if (const auto near = nearest_name(word, known)) return " (did you mean '" + *near + "'?)";
  return known.empty() ? "" : "; known: " + join(known, ", ");
}

bool all_indexes(const Node& map) {
  return !map.entries.empty() && std::all_of(map.entries.begin(), map.entries.end(), [](const Entry& entry) {
    const auto index = parse_int(entry.key);
    return index && *index >= 0;
  });
}

/// Reads one map of a layer into one group of options.
class LayerVisitor : public OptionVisitor {
 public:
  LayerVisitor(LayerState& state, const Node& map, std::string prefix)
      : state_(state), map_(map), prefix_(std::move(prefix)) {}

  void number(const char* name, double& value, double low, double high, const char*) override {
    if (const Entry* entry = take(name)) read_number(*entry->value, prefix_ + name, value, low, high);
  }

  void integer(const char* name, int64_t& value, int64_t low, int64_t high, const char*) override {
    const Entry* entry = take(name);
    if (!entry) return;
    const auto given = integer_of(*entry->value);
    if (given && *given >= low && *given <= high)
      value = *given;
    else
      wrong(*entry->value, prefix_ + name, "must be a whole number" + in_range(range_text(low, high)));
  }

  void boolean(const char* name, bool& value, const char*) override {
    const Entry* entry = take(name);
    if (!entry) return;
    const Node& node = *entry->value;
    const bool plain = node.kind == Kind::kScalar && !node.quoted;
    if (plain && (node.scalar == "true" || node.scalar == "false")) {
      value = node.scalar == "true";
      return;
    }
    const std::string word = lower(node.scalar);
    std::string hint;
    if (word == "yes" || word == "on" || word == "true" || word == "1") hint = " (did you mean true?)";
    if (word == "no" || word == "off" || word == "false" || word == "0") hint = " (did you mean false?)";
    wrong(node, prefix_ + name, "must be true or false", hint);
  }

  void text(const char* name, std::string& value, const char*) override {
    if (const Entry* entry = take(name)) read_text(*entry->value, prefix_ + name, value);
  }

  void choice(const char* name, std::string& value, const std::vector<std::string>& allowed, const char*) override {
    const Entry* entry = take(name);
    if (!entry) return;
    const Node& node = *entry->value;
    if (node.kind == Kind::kScalar && std::find(allowed.begin(), allowed.end(), node.scalar) != allowed.end()) {
      value = node.scalar;
      return;
    }
    const auto near = nearest_name(node.scalar, allowed);
    wrong(node, prefix_ + name, "must be one of " + join(allowed, ", "),
          near ? " (did you mean '" + *near + "'?)" : "");
  }

  void path(const char* name, std::string& value, const char*) override {
    if (const Entry* entry = take(name)) read_path(*entry->value, prefix_ + name, value);
  }

  void numbers(const char* name, std::vector<double>& value, double low, double high, const char*) override {
    read_list(name, value, [&](const Node& node, const std::string& key, double& item) {
      return read_number(node, key, item, low, high);
    });
  }

  void texts(const char* name, std::vector<std::string>& value, const char*) override {
    read_list(name, value,
              [&](const Node& node, const std::string& key, std::string& item) { return read_text(node, key, item); });
  }

  void paths(const char* name, std::vector<std::string>& value, const char*) override {
    read_list(name, value,
              [&](const Node& node, const std::string& key, std::string& item) { return read_path(node, key, item); });
  }

  void section(const char* name, Options& value, const char*) override {
    const Entry* entry = take(name);
    if (!entry) return;
    const std::string key = prefix_ + name;
    const Node& node = *entry->value;
    const Entry* scalar = node.find("name");
    if (node.kind == Kind::kNull) return;  // every line of the section is commented out
    if (node.kind != Kind::kMap || (scalar && scalar->value->shorthand)) {
      const Node& given = scalar ? *scalar->value : node;
      return wrong(given, key, "must be a section with settings below it");
    }
    state_.group_places[key] = entry->place;
    LayerVisitor inside(state_, node, key + ".");
    value.visit(inside);
    inside.report_unknown();
  }

  void member(const char* name, Choice& value, const Family& family, const char*) override {
    if (const Entry* entry = take(name)) read_choice(prefix_ + name, *entry, *entry->value, value, family, false);
  }

  void members(const char* name, std::vector<Choice>& value, const Family& family, const char*) override {
    const Entry* entry = take(name);
    if (!entry) return;
    const std::string key = prefix_ + name;
    const Node& node = *entry->value;
    if (node.kind == Kind::kList) return read_choices(key, *entry, value, family);
    if (node.kind == Kind::kMap && all_indexes(node)) return patch_choices(key, node, value, family);
    const bool names_it = node.kind == Kind::kScalar || node.find("name");
    if (value.size() != 1 && !names_it)
      return wrong(
          node, key,
          "holds " + std::to_string(value.size()) + " members: name one, or set " + key + ".0.OPTION for the first");
    if (value.size() != 1) erase_below(state_.origins, key);
    if (value.size() != 1) value.assign(1, Choice{});
    read_choice(key, *entry, node, value[0], family, true);
  }

  /// Every key of the map that no option asked for is a fault.
  void report_unknown(const Family* family = nullptr, const std::string& member = "") {
    for (const auto& entry : map_.entries)
      if (std::find(names_.begin(), names_.end(), entry.key) == names_.end())
        state_.faults.add(entry.place, unknown(entry.key, family, member), prefix_ + entry.key);
  }

  /// Keys that the caller reads itself.
  void reserve(const std::string& name) { names_.push_back(name); }

 private:
  const Entry* take(const std::string& name) {
    names_.push_back(name);
    const Entry* entry = map_.find(name);
    if (entry) state_.origins[prefix_ + name] = origin_of(entry->place);
    return entry;
  }

  void wrong(const Node& node, const std::string& key, const std::string& must, const std::string& hint = "") {
    state_.faults.add(node.place, "'" + key + "' " + must + ", got " + describe_node(node) + hint, key);
  }

  static std::string in_range(const std::string& range) {
    if (range.empty()) return "";
    return range.find("..") != std::string::npos ? " in " + range : " " + range;
  }

  bool read_number(const Node& node, const std::string& key, double& value, double low, double high) {
    const auto given = number_of(node);
    if (given && *given >= low && *given <= high) {
      value = *given;
      return true;
    }
    const std::string finite = looks_non_finite(node) ? "finite " : "";
    wrong(node, key, "must be a " + finite + "number" + in_range(range_text(low, high)));
    return false;
  }

  bool read_text(const Node& node, const std::string& key, std::string& value) {
    if (node.kind != Kind::kScalar) {
      wrong(node, key, "must be text");
      return false;
    }
    if (node.scalar.find('\0') != std::string::npos) {  // "\0" in quotes; a path would end there
      wrong(node, key, "must be text without NUL characters");
      return false;
    }
    value = node.scalar;
    return true;
  }

  bool read_path(const Node& node, const std::string& key, std::string& value) {
    if (!read_text(node, key, value)) return false;
    if (!value.empty()) value = (node.place.text->folder / value).lexically_normal().string();
    return true;
  }

  template <typename T, typename Read>
  void read_list(const std::string& name, std::vector<T>& value, const Read& read) {
    const Entry* entry = take(name);
    if (!entry) return;
    const Node& node = *entry->value;
    const std::string key = prefix_ + name;
    if (node.kind == Kind::kNull || node.kind == Kind::kMap) return wrong(node, key, "must be a list such as [a, b]");
    std::vector<T> items;
    const auto add = [&](const Node& item) {
      T parsed{};
      if (read(item, key, parsed)) items.push_back(std::move(parsed));
    };
    if (node.kind == Kind::kScalar) add(node);
    for (const auto& item : node.items) add(*item);
    value = std::move(items);
  }

  /// Takes the member's name from a scalar. @return false after a fault
  bool rename(const std::string& key, const Node& name, Choice& value, const Family& family) {
    const auto known = family.names();
    if (name.kind != Kind::kScalar) {
      wrong(name, key + ".name", "must be the name of a " + family.title());
      return false;
    }
    if (std::find(known.begin(), known.end(), name.scalar) == known.end()) {
      state_.faults.add(name.place,
                        "unknown " + family.title() + " '" + name.scalar + "'" + did_you_mean(name.scalar, known), key);
      return false;
    }
    if (name.scalar != value.name) {
      value = Choice{name.scalar, nullptr, 1.0};
      erase_below(state_.origins, key);
    }
    state_.origins[key + ".name"] = origin_of(name.place);
    return true;
  }

  void read_choice(const std::string& key, const Entry& entry, const Node& node, Choice& value, const Family& family,
                   bool weighted) {
    state_.origins.erase(key);
    const std::string title = family.title();
    if (node.kind != Kind::kScalar && node.kind != Kind::kMap)
      return wrong(node, key, "must be a " + title + ": NAME or {name: NAME, ...}");
    const Entry* name = node.find("name");
    if (node.kind == Kind::kScalar && !rename(key, node, value, family)) return;
    if (name && !rename(key, *name->value, value, family)) return;
    if (value.name.empty())
      return wrong(node, key, "must name its " + title + " (name: one of " + join(family.names(), ", ") + ")");
    fill_choice(value, family);
    state_.group_places[key] = entry.place;
    if (node.kind != Kind::kMap) return;
    LayerVisitor inside(state_, node, key + ".");
    inside.reserve("name");
    if (value.options) value.options->visit(inside);
    if (weighted) inside.number("weight", value.weight, 0.0, 1e9, "");
    inside.report_unknown(&family, value.name);
  }

  void read_choices(const std::string& key, const Entry& entry, std::vector<Choice>& value, const Family& family) {
    erase_below(state_.origins, key);
    state_.origins.erase(key);
    const auto& items = entry.value->items;
    value.assign(items.size(), Choice{});
    if (items.empty()) state_.origins[key] = origin_of(entry.place);
    for (size_t i = 0; i < items.size(); ++i) {
      const std::string item_key = items.size() == 1 ? key : key + "." + std::to_string(i);
      const Entry item{item_key, items[i]->place, items[i]};
      read_choice(item_key, item, *items[i], value[i], family, true);
    }
  }

  void patch_choices(const std::string& key, const Node& map, std::vector<Choice>& value, const Family& family) {
    state_.origins.erase(key);
    for (const auto& entry : map.entries) {
      const auto index = static_cast<size_t>(*parse_int(entry.key));
      if (index >= value.size()) {
        state_.faults.add(entry.place,
                          "'" + key + "' has no member " + entry.key + ", it has " + std::to_string(value.size()) +
                              " (the first is 0)",
                          key);
        continue;
      }
      const std::string item_key = value.size() == 1 ? key : key + "." + std::to_string(index);
      read_choice(item_key, entry, *entry.value, value[index], family, true);
    }
  }

  std::string unknown(const std::string& key, const Family* family, const std::string& member) const {
    if (key == "<<") return "YAML merge keys (<<) are not supported; use extends:";
    if (family) {
      std::vector<std::string> owners;
      for (const auto& name : family->names()) {
        const auto names = option_names(*family->make_options(name));
        if (std::find(names.begin(), names.end(), key) != names.end()) owners.push_back(name);
      }
      if (!owners.empty()) return "'" + key + "' is an option of " + join(owners, ", ") + ", not of " + member;
    }
    const std::string place = prefix_.empty() ? "" : " in '" + prefix_.substr(0, prefix_.size() - 1) + "'";
    std::string message = "unknown key '" + key + "'" + place;
    if (!nearest_name(key, names_))
      for (const auto& known : state_.known_keys)
        if (known.size() > key.size() && known.ends_with("." + key))
          return message + " (did you mean '" + known + "'?)";
    return message + did_you_mean(key, names_);
  }

  LayerState& state_;
  const Node& map_;
  std::string prefix_;
  std::vector<std::string> names_;
};

}  // namespace

void read_layer(LayerState& state, const Node& document, Options& root) {
  if (document.kind == Kind::kNull) return;
  if (document.kind != Kind::kMap) {
    state.faults.add(document.place, "the settings must be a map (key: value), got " + describe_node(document));
    return;
  }
  LayerVisitor visitor(state, document, "");
  visitor.reserve("extends");
  visitor.reserve("recipe");
  root.visit(visitor);
  visitor.report_unknown();
}

}  // namespace winnow::config
