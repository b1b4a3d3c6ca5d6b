#include <array>

#include "src/image/byte_reader.h"
#include "src/image/container.h"

namespace winnow {
namespace {

constexpr size_t kSignature = 8, kChunkFrame = 12;

/// CRC-32 of ISO 3309, as PNG annex D.
uint32_t crc32(std::span<const std::byte> bytes) {
  static const auto table = [] {
    std::array<uint32_t, 256> t{};
    for (uint32_t n = 0; n < 256; ++n) {
      uint32_t c = n;
      for (int k = 0; k < 8; ++k) c = c & 1 ? 0xEDB88320U ^ c >> 1 : c >> 1;
      t[n] = c;
    }
    return t;
  }();
  uint32_t c = 0xFFFFFFFFU;
  for (const std::byte b : bytes) c = table[(c ^ static_cast<uint8_t>(b)) & 255] ^ c >> 8;
  return ~c;
}

/// Calls visit(position, length of the data) for each chunk until it returns false or the chunks end.
/// @return false when the bytes end inside a chunk or before IEND
template <typename Visit>
bool walk_chunks(std::span<const std::byte> bytes, Visit visit) {
  ByteReader in(bytes);
  for (size_t at = kSignature; at + kChunkFrame <= bytes.size();) {
    const size_t length = in.u32(at);
    if (length > bytes.size() - at - kChunkFrame) return false;
    if (!visit(at, length) || in.starts_with("IEND", at + 4)) return true;
    at += length + kChunkFrame;
  }
  return false;
}

bool is_critical(uint8_t first_letter) { return (first_letter & 0x20) == 0; }

}  // namespace

Container read_png_container(std::span<const std::byte> bytes) {
  ByteReader in(bytes);
  Container c;
  c.header.format = "png";
  if (!in.starts_with("IHDR", 12) || in.u32(8) != 13) {
    c.fault = "IHDR is not the first chunk";
    return c;
  }
  const uint32_t width = in.u32(16), height = in.u32(20);
  if (width <= 0x7FFFFFFF && height <= 0x7FFFFFFF) {
    c.header.width = static_cast<int>(width);
    c.header.height = static_cast<int>(height);
  }
  c.bits = in.u8(24);
  const bool whole = walk_chunks(bytes, [&](size_t at, size_t length) {
    if (in.starts_with("eXIf", at + 4)) c.header.orientation = exif_orientation(in.part(at + 8, length));
    if (is_critical(in.u8(at + 4)) && crc32(in.part(at + 4, length + 4)) != in.u32(at + 8 + length)) {
      c.fault = "wrong check sum of the chunk at byte " + std::to_string(at);
    }
    return c.fault.empty();
  });
  if (!whole) c.fault = "no IEND chunk in its " + std::to_string(bytes.size()) + " bytes";
  return c;
}

std::vector<std::byte> essential_png(std::span<const std::byte> bytes) {
  std::vector<std::byte> result;
  result.reserve(bytes.size());
  result.assign(bytes.begin(), bytes.begin() + kSignature);
  ByteReader in(bytes);
  walk_chunks(bytes, [&](size_t at, size_t length) {
    if (is_critical(in.u8(at + 4)) || in.starts_with("tRNS", at + 4)) {
      result.insert(result.end(), bytes.begin() + at, bytes.begin() + at + kChunkFrame + length);
    }
    return true;
  });
  return result;
}

}  // namespace winnow
