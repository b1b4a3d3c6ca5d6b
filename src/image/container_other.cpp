#include <algorithm>
#include <limits>

#include "src/image/byte_reader.h"
#include "src/image/container.h"

namespace winnow {
namespace {

constexpr uint32_t kLargestSide = std::numeric_limits<int32_t>::max();

int side(uint32_t value) { return value <= kLargestSide ? static_cast<int>(value) : 0; }

/// One entry of a TIFF directory whose value is a single SHORT or LONG.
uint32_t tiff_value(ByteReader& in, size_t entry) {
  return in.u16(entry + 2) == 3 ? in.u16(entry + 8) : in.u32(entry + 8);
}

template <typename Visit>
bool walk_first_directory(std::span<const std::byte> tiff, Visit visit) {
  const ByteReader magic(tiff);
  const bool little = magic.starts_with(std::string_view("II*\0", 4));
  if (!little && !magic.starts_with(std::string_view("MM\0*", 4))) return false;
  ByteReader in(tiff, little);
  const size_t directory = in.u32(4);
  const int entries = in.u16(directory);
  for (int i = 0; i < entries && in.ok(); ++i) {
    const size_t entry = directory + 2 + static_cast<size_t>(i) * 12;
    const uint16_t tag = in.u16(entry);
    visit(in, tag, entry);
  }
  return in.ok();
}

uint32_t tiff_type_bytes(uint16_t type) { return type == 3 ? 2 : type == 4 ? 4 : 0; }

/// Value `index` of an entry that holds an array (strip offsets and sizes).
uint64_t tiff_element(ByteReader& in, size_t entry, uint32_t index) {
  const uint16_t type = in.u16(entry + 2);
  const uint32_t size = tiff_type_bytes(type), count = in.u32(entry + 4);
  if (size == 0 || index >= count) return 0;
  const bool inside = static_cast<uint64_t>(size) * count <= 4;
  const size_t at = (inside ? entry + 8 : in.u32(entry + 8)) + static_cast<size_t>(index) * size;
  return size == 2 ? in.u16(at) : in.u32(at);
}

/// True when every strip or tile lies inside the file.
bool strips_are_inside(ByteReader& in, size_t offsets, size_t counts) {
  if (offsets == 0 || counts == 0) return true;
  const uint32_t n = std::min(in.u32(offsets + 4), in.u32(counts + 4));
  for (uint32_t i = 0; i < n && in.ok(); ++i) {
    if (tiff_element(in, offsets, i) + tiff_element(in, counts, i) > in.size()) return false;
  }
  return in.ok();
}

}  // namespace

int exif_orientation(std::span<const std::byte> tiff) {
  int orientation = 1;
  walk_first_directory(tiff, [&](ByteReader& in, uint16_t tag, size_t entry) {
    if (tag == 0x112 && in.u16(entry + 2) == 3) orientation = in.u16(entry + 8);
  });
  return orientation >= 1 && orientation <= 8 ? orientation : 1;
}

Container read_tiff_container(std::span<const std::byte> bytes) {
  Container c;
  c.header.format = "tiff";
  size_t offsets = 0, counts = 0;
  const bool whole = walk_first_directory(bytes, [&](ByteReader& in, uint16_t tag, size_t entry) {
    switch (tag) {
      case 0x100: c.header.width = side(tiff_value(in, entry)); break;
      case 0x101: c.header.height = side(tiff_value(in, entry)); break;
      case 0x102: c.bits = static_cast<int>(std::min<uint64_t>(tiff_element(in, entry, 0), 64)); break;
      case 0x111:
      case 0x144: offsets = entry; break;
      case 0x117:
      case 0x145: counts = entry; break;
      default: break;
    }
  });
  c.header.orientation = exif_orientation(bytes);
  ByteReader in(bytes, char(bytes[0]) == 'I');
  if (!whole) {
    c.fault = "its directory is cut off";
  } else if (!strips_are_inside(in, offsets, counts)) {
    c.fault = "its strips are cut off";
  }
  return c;
}

Container read_webp_container(std::span<const std::byte> bytes) {
  ByteReader in(bytes, true);
  Container c;
  c.header.format = "webp";
  const auto u24 = [&](size_t at) { return in.u16(at) | in.u8(at + 2) << 16; };
  if (in.starts_with("VP8 ", 12)) {
    c.header.width = in.u16(26) & 0x3FFF;
    c.header.height = in.u16(28) & 0x3FFF;
  } else if (in.starts_with("VP8L", 12)) {
    const uint32_t packed = in.u32(21);
    c.header.width = static_cast<int>(packed & 0x3FFF) + 1;
    c.header.height = static_cast<int>(packed >> 14 & 0x3FFF) + 1;
  } else if (in.starts_with("VP8X", 12)) {
    c.header.width = u24(24) + 1;
    c.header.height = u24(27) + 1;
  }
  if (!in.ok()) c.header.width = c.header.height = 0;
  if (static_cast<uint64_t>(in.u32(4)) + 8 > bytes.size()) {
    c.fault = "it says " + std::to_string(in.u32(4)) + " bytes and has " + std::to_string(bytes.size());
    return c;
  }
  for (size_t at = 12; at + 8 <= bytes.size();) {
    const size_t length = in.u32(at + 4);
    if (length > bytes.size() - at - 8) break;
    if (in.starts_with("EXIF", at)) {
      const bool prefixed = in.starts_with(std::string_view("Exif\0\0", 6), at + 8);
      c.header.orientation = exif_orientation(in.part(at + (prefixed ? 14 : 8), length - (prefixed ? 6 : 0)));
    }
    at += 8 + length + length % 2;
  }
  return c;
}

}  // namespace winnow
