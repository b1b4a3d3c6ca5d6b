#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "src/core/files.h"
#include "src/image/codec.h"

namespace winnow::test {

inline fs::path golden_file(const std::string& name) {
  return fs::path(WINNOW_SOURCE_DIR) / "tests/unit/src/image/golden" / name;
}

inline std::vector<std::byte> to_bytes(const std::string& text) {
  const auto* begin = reinterpret_cast<const std::byte*>(text.data());
  return {begin, begin + text.size()};
}

inline std::vector<std::byte> golden_bytes(const std::string& name) { return to_bytes(read_file(golden_file(name))); }

inline Image golden_image(const std::string& name) { return decode_image(golden_bytes(name), name); }

/// Largest difference of any sample; 256 when the sizes differ.
inline int largest_difference(const Image& a, const Image& b) {
  if (a.width != b.width || a.height != b.height) return 256;
  int largest = 0;
  for (size_t i = 0; i < a.pixels.size(); ++i) largest = std::max(largest, std::abs(a.pixels[i] - b.pixels[i]));
  return largest;
}

}  // namespace winnow::test
