#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace winnow {

/// Bounds-checked look at the bytes of an image file. Reads outside give 0 and clear ok(), so a parser checks once at
/// its end. Not thread-safe.
class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes, bool little_endian = false)
      : bytes_(bytes), little_(little_endian) {}

  bool ok() const { return ok_; }
  size_t size() const { return bytes_.size(); }

  uint8_t u8(size_t at) { return static_cast<uint8_t>(number(at, 1)); }
  uint16_t u16(size_t at) { return static_cast<uint16_t>(number(at, 2)); }
  uint32_t u32(size_t at) { return static_cast<uint32_t>(number(at, 4)); }

  bool starts_with(std::string_view magic, size_t at = 0) const {
    return at <= bytes_.size() && magic.size() <= bytes_.size() - at &&
           std::memcmp(bytes_.data() + at, magic.data(), magic.size()) == 0;
  }
  /// Empty when the region is not wholly inside.
  std::span<const std::byte> part(size_t at, size_t count) const {
    return at <= bytes_.size() && count <= bytes_.size() - at ? bytes_.subspan(at, count)
                                                              : std::span<const std::byte>();
  }

 private:
  uint64_t number(size_t at, size_t count) {
    if (at > bytes_.size() || count > bytes_.size() - at) {
      ok_ = false;
      return 0;
    }
    uint64_t value = 0;
    for (size_t i = 0; i < count; ++i) {
      value = value << 8 | static_cast<uint8_t>(bytes_[little_ ? at + count - 1 - i : at + i]);
    }
    return value;
  }

  std::span<const std::byte> bytes_;
  bool little_, ok_ = true;
};

}  // namespace winnow
