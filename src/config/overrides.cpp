#include "src/config/overrides.h"

#include <algorithm>

#include "src/core/text.h"

namespace winnow::config {
namespace {

std::shared_ptr<Node> make_node(Node::Kind kind, const Place& place) {
  auto node = std::make_shared<Node>();
  node->kind = kind;
  node->place = place;
  return node;
}

std::shared_ptr<Node> parse_value(const Place& place, const std::string& value, Faults& faults) {
  if (!value.empty() && std::string_view("[{\"'").find(value[0]) != std::string_view::npos)
    return parse_yaml(place, faults);
  auto node = make_node(Node::Kind::kScalar, place);
  node->scalar = value;
  return node;
}

/// `loss=arcface loss.margin=0.3`: the value becomes the name of a member.
void make_map(Node& node) {
  auto name = std::make_shared<Node>(node);
  name->shorthand = true;
  const Place place = node.place;
  node = Node{};
  node.kind = Node::Kind::kMap;
  node.place = place;
  node.entries.push_back({"name", place, std::move(name)});
}

/// The node below `node` that `key` names, made when absent; null for an index that a list does not have.
std::shared_ptr<Node> child(Node& node, const std::string& key, const Place& place) {
  if (node.kind == Node::Kind::kList) {
    const auto index = parse_int(key);
    const bool inside = index && *index >= 0 && *index < static_cast<int64_t>(node.items.size());
    return inside ? node.items[static_cast<size_t>(*index)] : nullptr;
  }
  if (node.kind == Node::Kind::kScalar) make_map(node);
  if (Entry* entry = node.find(key)) {
    entry->place = place;
    return entry->value;
  }
  node.kind = Node::Kind::kMap;
  node.entries.push_back({key, place, make_node(Node::Kind::kNull, place)});
  return node.entries.back().value;
}

void assign(Node& target, const Node& value) {
  // `loss.margin=0.3 loss=arcface` names the member and keeps its option.
  if (target.kind == Node::Kind::kMap && value.kind == Node::Kind::kScalar) {
    auto name = std::make_shared<Node>(value);
    name->shorthand = true;
    if (Entry* entry = target.find("name"))
      entry->value = name;
    else
      target.entries.push_back({"name", value.place, name});
    return;
  }
  target = value;
}

void apply(Node& root, const std::shared_ptr<const Text>& text, Faults& faults) {
  const std::string& item = text->text;
  const size_t equals = item.find('=');
  if (equals == std::string::npos) {
    faults.add({text, 0, 0}, "an override must be key=value, there is no '='");
    return;
  }
  const size_t begin = std::min(item.find_first_not_of(' '), equals);
  const auto keys = split(trim(std::string_view(item).substr(0, equals)), '.');
  if (std::find(keys.begin(), keys.end(), "") != keys.end()) {
    faults.add({text, 0, static_cast<int>(begin)}, "a key must be names with dots between them, such as loss.margin");
    return;
  }
  const std::string_view value = trim(std::string_view(item).substr(equals + 1));
  const int value_at = static_cast<int>(value.empty() ? item.size() : static_cast<size_t>(value.data() - item.data()));
  const auto parsed = parse_value({text, 0, value_at}, std::string(value), faults);
  if (!parsed) return;
  Node* node = &root;
  int column = static_cast<int>(begin);
  for (const auto& key : keys) {
    node = child(*node, key, {text, 0, column}).get();
    if (!node) {
      faults.add({text, 0, column}, "the list has no item '" + key + "' (the first is 0)");
      return;
    }
    column += static_cast<int>(key.size()) + 1;
  }
  assign(*node, *parsed);
}

}  // namespace

std::shared_ptr<Node> parse_overrides(const std::vector<std::string>& overrides, int first_order, Faults& faults) {
  auto root = make_node(Node::Kind::kMap, {});
  for (const auto& item : overrides) {
    auto text = std::make_shared<Text>();
    text->name = "command line";
    text->text = item;
    text->is_file = false;
    text->order = first_order++;
    std::error_code ignored;
    text->folder = fs::current_path(ignored);
    apply(*root, text, faults);
  }
  return root;
}

}  // namespace winnow::config
