#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace winnow {

/// One tensor as a safetensors header describes it; `begin` and `end` count from the end of the header.
struct SafetensorsEntry {
  std::string name, dtype;
  std::vector<int64_t> shape;
  uint64_t begin = 0, end = 0;
};

struct SafetensorsHeader {
  std::vector<SafetensorsEntry> entries;  ///< in the order of the header
  std::map<std::string, std::string> metadata;
  uint64_t data_offset = 0;  ///< of the first data byte in the file
};

/// Size of an element in bytes, 0 for a type that winnow does not read.
uint64_t safetensors_element_size(std::string_view dtype);

/// Parses and checks a whole file's header against its size: at most 100 MB of JSON, no unknown fields, no name twice,
/// sizes equal shapes, and the tensors cover the data without gap or overlap.
/// @param source for messages @throws Error(kData) `SOURCE: byte OFFSET: what`
SafetensorsHeader parse_safetensors_header(std::span<const std::byte> file, const std::string& source);

}  // namespace winnow
