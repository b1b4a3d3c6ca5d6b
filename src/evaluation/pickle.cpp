#include "src/evaluation/pickle.h"

#include <cmath>
#include <cstring>

#include "src/core/error.h"

namespace winnow {
namespace {

const char* kind_name(PickleKind kind) {
  constexpr const char* kNames[] = {"None",   "a bool",  "an int", "a float",  "text",    "bytes",
                                    "a list", "a tuple", "a dict", "an array", "a dtype", "a global"};
  return kNames[static_cast<int>(kind)];
}

template <typename T>
double element(const char* data) {
  T value;
  std::memcpy(&value, data, sizeof value);
  return static_cast<double>(value);
}

double element_at(const PickleDocument::Node& array, size_t i) {
  const char* data = array.bytes.data() + i * static_cast<size_t>(array.integer);
  switch (array.type * 16 + static_cast<int>(array.integer)) {
    case 'b' * 16 + 1: return *data != 0;
    case 'u' * 16 + 1: return element<uint8_t>(data);
    case 'u' * 16 + 2: return element<uint16_t>(data);
    case 'u' * 16 + 4: return element<uint32_t>(data);
    case 'i' * 16 + 1: return element<int8_t>(data);
    case 'i' * 16 + 2: return element<int16_t>(data);
    case 'i' * 16 + 4: return element<int32_t>(data);
    case 'i' * 16 + 8: return element<int64_t>(data);
    case 'u' * 16 + 8: return element<uint64_t>(data);
    case 'f' * 16 + 4: return element<float>(data);
    default: return element<double>(data);
  }
}

}  // namespace

void PickleValue::fail(const std::string& required) const {
  throw Error(ErrorCode::kData, "[pickle] " + document_->name + ": offset " + std::to_string(offset()) + ": " +
                                    required + " is required, given " + kind_name(kind()));
}

PickleKind PickleValue::kind() const { return document_->nodes[node_].kind; }
uint64_t PickleValue::offset() const { return document_->nodes[node_].offset; }

double PickleValue::number() const {
  const auto& node = document_->nodes[node_];
  if (node.kind == PickleKind::kBool || node.kind == PickleKind::kInt) return static_cast<double>(node.integer);
  if (node.kind == PickleKind::kFloat) return node.real;
  if (node.kind == PickleKind::kArray && node.shape.empty() && !node.bytes.empty()) return element_at(node, 0);
  fail("a number");
}

int64_t PickleValue::integer() const {
  const auto& node = document_->nodes[node_];
  if (node.kind == PickleKind::kBool || node.kind == PickleKind::kInt) return node.integer;
  const double value = node.kind == PickleKind::kArray ? number() : std::nan("");
  // Past 2^53 a double no longer tells neighbours apart.
  if (!(std::fabs(value) <= 9007199254740992.0) || value != std::floor(value)) fail("an integer of at most 2^53");
  return static_cast<int64_t>(value);
}

bool PickleValue::boolean() const {
  const int64_t value = integer();
  if (value != 0 && value != 1) fail("a bool");
  return value == 1;
}

std::string_view PickleValue::text() const {
  if (kind() != PickleKind::kText && kind() != PickleKind::kBytes) fail("text");
  return document_->nodes[node_].bytes;
}

std::string_view PickleValue::bytes() const {
  const auto& node = document_->nodes[node_];
  const bool pixels = node.kind == PickleKind::kArray && node.type == 'u' && node.integer == 1;
  if (!pixels && node.kind != PickleKind::kBytes) fail("a byte string or an array of uint8");
  return node.bytes;
}

size_t PickleValue::size() const {
  const auto& node = document_->nodes[node_];
  if (node.kind == PickleKind::kList || node.kind == PickleKind::kTuple) return node.items.size();
  if (node.kind == PickleKind::kArray && !node.shape.empty()) return static_cast<size_t>(node.shape[0]);
  fail("a list, a tuple or an array");
}

PickleValue PickleValue::at(size_t i) const {
  const auto& node = document_->nodes[node_];
  if (node.kind != PickleKind::kList && node.kind != PickleKind::kTuple) fail("a list or a tuple");
  if (i >= node.items.size()) fail("a list of at least " + std::to_string(i + 1) + " values");
  return {document_, node.items[i]};
}

std::vector<PickleValue> PickleValue::elements() const {
  const auto& node = document_->nodes[node_];
  if (node.kind != PickleKind::kList && node.kind != PickleKind::kTuple) fail("a list or a tuple");
  std::vector<PickleValue> out;
  for (const uint32_t item : node.items) out.emplace_back(document_, item);
  return out;
}

bool PickleValue::has(std::string_view key) const {
  const auto& node = document_->nodes[node_];
  if (node.kind != PickleKind::kDict) fail("a dict");
  for (size_t i = 0; i < node.items.size(); i += 2) {
    const auto& name = document_->nodes[node.items[i]];
    if ((name.kind == PickleKind::kText || name.kind == PickleKind::kBytes) && name.bytes == key) return true;
  }
  return false;
}

PickleValue PickleValue::get(std::string_view key) const {
  const auto& node = document_->nodes[node_];
  if (node.kind != PickleKind::kDict) fail("a dict");
  for (size_t i = node.items.size(); i >= 2; i -= 2) {
    const auto& name = document_->nodes[node.items[i - 2]];
    if ((name.kind == PickleKind::kText || name.kind == PickleKind::kBytes) && name.bytes == key)
      return {document_, node.items[i - 1]};
  }
  fail("a dict with the key '" + std::string(key) + "'");
}

std::vector<int64_t> PickleValue::shape() const {
  if (kind() != PickleKind::kArray) fail("an array");
  return document_->nodes[node_].shape;
}

std::vector<double> PickleValue::array_values() const {
  const auto& node = document_->nodes[node_];
  if (node.shape.size() != 1) fail("a list of numbers or a 1-d array");
  std::vector<double> out;
  for (size_t i = 0; i < static_cast<size_t>(node.shape[0]); ++i) out.push_back(element_at(node, i));
  return out;
}

std::vector<double> PickleValue::numbers() const {
  if (kind() == PickleKind::kArray) return array_values();
  std::vector<double> out;
  for (const auto& value : elements()) out.push_back(value.number());
  return out;
}

std::vector<int64_t> PickleValue::integers() const {
  std::vector<int64_t> out;
  if (kind() == PickleKind::kArray) {
    for (const double value : array_values()) {
      if (!(std::fabs(value) <= 9007199254740992.0) || value != std::floor(value)) fail("integers of at most 2^53");
      out.push_back(static_cast<int64_t>(value));
    }
    return out;
  }
  for (const auto& value : elements()) out.push_back(value.integer());
  return out;
}

}  // namespace winnow
