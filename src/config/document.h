#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/config/faults.h"

namespace winnow::config {

struct Node;

/// A key of a map with its value.
struct Entry {
  std::string key;
  Place place;  ///< of the key
  std::shared_ptr<Node> value;
};

/// A YAML value with its place, without any guess at the type of a scalar.
struct Node {
  enum class Kind { kNull, kScalar, kMap, kList };
  Kind kind = Kind::kNull;
  Place place;
  std::string scalar;
  bool quoted = false;     ///< quoted or block scalar: text whatever it looks like
  bool shorthand = false;  ///< the name of a family member that the command line gave as `loss=arcface`
  std::vector<Entry> entries;
  std::vector<std::shared_ptr<Node>> items;
  size_t size = 1;  ///< nodes in the tree below, aliases counted in full

  /// Null when absent or no map.
  const Entry* find(std::string_view key) const;
  Entry* find(std::string_view key);
};

/// Parses the one document of a text. Syntax errors, duplicate keys and keys that are no scalars become faults; a null
/// pointer after a syntax error. Aliases are followed (bounded), `<<` is an ordinary key.
/// @param place  where the YAML starts in its text, which may hold something before it
std::shared_ptr<Node> parse_yaml(const Place& place, Faults& faults);

/// "a map", "a list", "nothing" or the scalar in quotes, for messages.
std::string describe_node(const Node& node);

}  // namespace winnow::config
