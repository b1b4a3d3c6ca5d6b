#include "src/config/document.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "src/core/text.h"

namespace winnow::config {
namespace {

constexpr size_t kMostNodes = 1000000;

/// A fault that ends the parse.
struct Stop : std::runtime_error {
  Stop(const YAML::Mark& at, const std::string& message) : std::runtime_error(message), mark(at) {}
  YAML::Mark mark;
};

/// Builds the tree from yaml-cpp's events: its own Node hides duplicate keys and quotes.
class Builder : public YAML::EventHandler {
 public:
  Builder(const Place& start, Faults& faults) : start_(start), faults_(faults) {}

  std::shared_ptr<Node> root() const { return root_; }

  Place place(const YAML::Mark& mark) const {
    const int line = std::max(mark.line, 0), column = std::max(mark.column, 0);
    return {start_.text, start_.line + line, line == 0 ? start_.column + column : column};
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ > 0) throw Stop(mark, "one YAML document is required, a second one starts here");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override { add(make(Node::Kind::kNull, mark), anchor); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    auto node = make(Node::Kind::kScalar, mark);
    node->scalar = value;
    node->quoted = tag != "?";  // yaml-cpp's tag of a plain scalar
    add(std::move(node), anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(make(Node::Kind::kList, mark), anchor);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(make(Node::Kind::kMap, mark), anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapEnd() override { close(); }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    const bool unfinished = found != anchors_.end() && std::any_of(stack_.begin(), stack_.end(), [&](const Open& open) {
                              return open.node == found->second;
                            });
    if (found == anchors_.end() || unfinished) throw Stop(mark, "an alias must name an anchor that ended before it");
    attach(found->second, mark);
  }

 private:
  struct Open {
    std::shared_ptr<Node> node;
    std::shared_ptr<Node> key;  ///< of a map: the key that waits for its value
  };

  std::shared_ptr<Node> make(Node::Kind kind, const YAML::Mark& mark) const {
    auto node = std::make_shared<Node>();
    node->kind = kind;
    node->place = place(mark);
    return node;
  }

  void add(std::shared_ptr<Node> node, YAML::anchor_t anchor) {
    if (anchor != 0) anchors_[anchor] = node;
    attach(std::move(node), YAML::Mark::null_mark());
  }

  void open(std::shared_ptr<Node> node, YAML::anchor_t anchor) {
    if (anchor != 0) anchors_[anchor] = node;
    stack_.push_back({std::move(node), nullptr});
  }

  void close() {
    auto node = stack_.back().node;
    stack_.pop_back();
    attach(std::move(node), YAML::Mark::null_mark());
  }

  void attach(std::shared_ptr<Node> node, const YAML::Mark& mark) {
    if (stack_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& top = stack_.back();
    top.node->size += node->size;
    if (top.node->size > kMostNodes) throw Stop(mark, "at most a million values are allowed, aliases counted in full");
    if (top.node->kind == Node::Kind::kList) {
      top.node->items.push_back(std::move(node));
    } else if (!top.key) {
      top.key = std::move(node);
    } else {
      add_entry(*top.node, *top.key, std::move(node));
      top.key = nullptr;
    }
  }

  void add_entry(Node& map, const Node& key, std::shared_ptr<Node> value) {
    if (key.kind != Node::Kind::kScalar) {
      faults_.add(key.place, "a key must be a name, got " + describe_node(key));
      return;
    }
    auto& first = seen_[&map];
    const auto [found, fresh] = first.emplace(key.scalar, key.place.line);
    if (!fresh) {
      faults_.add(key.place, "duplicate key '" + key.scalar + "', first at line " + std::to_string(found->second + 1));
      return;
    }
    // yaml-cpp places an absent value at whatever comes next.
    if (value->kind == Node::Kind::kNull) value->place = key.place;
    map.entries.push_back({key.scalar, key.place, std::move(value)});
  }

  Place start_;
  Faults& faults_;
  std::shared_ptr<Node> root_;
  std::vector<Open> stack_;
  std::map<YAML::anchor_t, std::shared_ptr<Node>> anchors_;
  std::map<const Node*, std::map<std::string, int>> seen_;
  int documents_ = 0;
};

/// The place after a text that starts at `place`.
Place advanced(Place place, std::string_view passed) {
  place.line += static_cast<int>(std::count(passed.begin(), passed.end(), '\n'));
  const size_t line_end = passed.rfind('\n');
  if (line_end == std::string_view::npos)
    place.column += static_cast<int>(passed.size());
  else
    place.column = static_cast<int>(passed.size() - line_end - 1);
  return place;
}

}  // namespace

const Entry* Node::find(std::string_view key) const {
  for (const auto& entry : entries)
    if (entry.key == key) return &entry;
  return nullptr;
}

Entry* Node::find(std::string_view key) { return const_cast<Entry*>(std::as_const(*this).find(key)); }

std::shared_ptr<Node> parse_yaml(const Place& place, Faults& faults) {
  std::string_view yaml = place.text->text;
  for (int i = 0; i < place.line; ++i) yaml.remove_prefix(std::min(yaml.size(), yaml.find('\n') + 1));
  yaml.remove_prefix(std::min(yaml.size(), static_cast<size_t>(place.column)));
  // yaml-cpp would replace a bad byte in silence, and takes NUL bytes for a sign of UTF-16 or UTF-32.
  const size_t good = std::min(valid_utf8_prefix(yaml), yaml.find('\0'));
  if (good < yaml.size()) {
    faults.add(advanced(place, yaml.substr(0, good)), "the text must be UTF-8, this byte is not");
    return nullptr;
  }
  Builder builder(place, faults);
  try {
    std::istringstream stream{std::string(yaml)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& e) {
    faults.add(builder.place(e.mark), "YAML syntax: " + e.msg);
    return nullptr;
  } catch (const Stop& e) {
    faults.add(builder.place(e.mark), e.what());
    return nullptr;
  }
  if (auto root = builder.root()) return root;
  auto empty = std::make_shared<Node>();
  empty->place = place;
  return empty;
}

std::string describe_node(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kNull: return "nothing";
    case Node::Kind::kMap: return "a map";
    case Node::Kind::kList: return "a list";
    case Node::Kind::kScalar: break;
  }
  constexpr size_t kMostShown = 60;
  const std::string shown = node.scalar.substr(0, kMostShown) + (node.scalar.size() > kMostShown ? "..." : "");
  return (node.quoted ? "the text '" : "'") + shown + "'";
}

}  // namespace winnow::config
