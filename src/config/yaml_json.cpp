#include <nlohmann/json.hpp>

#include "src/config/document.h"
#include "src/config/reader.h"
#include "src/config/scalars.h"

namespace winnow {

using namespace config;  // the room's own parts

namespace {

using Json = nlohmann::ordered_json;

Json scalar_json(const Node& node) {
  if (!node.quoted && (node.scalar == "true" || node.scalar == "false")) return node.scalar == "true";
  if (const auto value = integer_of(node)) return *value;
  // "010" is text: YAML versions differ on it, so no number can be meant for sure.
  const size_t first = node.scalar.find_first_not_of("+-");
  const bool octal = first != std::string::npos && node.scalar.size() > first + 1 && node.scalar[first] == '0' &&
                     node.scalar.find_first_not_of("0123456789", first) == std::string::npos;
  if (const auto value = number_of(node); value && !octal) return *value;
  return node.scalar;
}

Json to_json(const Node& node) {
  switch (node.kind) {
    case Node::Kind::kNull: return nullptr;
    case Node::Kind::kScalar: return scalar_json(node);
    case Node::Kind::kList: {
      Json list = Json::array();
      for (const auto& item : node.items) list.push_back(to_json(*item));
      return list;
    }
    case Node::Kind::kMap: break;
  }
  Json map = Json::object();
  // The parser let no key through twice, so the linear search of operator[] would be for nothing.
  auto& members = map.get_ref<Json::object_t&>();
  for (const auto& entry : node.entries) members.push_back({entry.key, to_json(*entry.value)});
  return map;
}

}  // namespace

std::string yaml_to_json(const fs::path& file) {
  auto text = std::make_shared<Text>();
  text->name = file.string();
  text->text = read_file(file, uint64_t{64} << 20);
  Faults faults;
  const auto document = parse_yaml({text, 0, 0}, faults);
  faults.raise(ErrorCode::kData);
  return to_json(*document).dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace winnow
