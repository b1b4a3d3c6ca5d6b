#include "src/image/byte_reader.h"
#include "src/image/container.h"

namespace winnow {
namespace {

constexpr uint8_t kEndOfImage = 0xD9, kStartOfScan = 0xDA, kApp1 = 0xE1;

bool is_frame_header(uint8_t marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

bool has_no_body(uint8_t marker) { return marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8); }

/// Position of the 0xFF of the next real marker at or after `at`: stuffed zeros, restart markers and fill bytes belong
/// to the entropy-coded data.
size_t skip_entropy_data(std::span<const std::byte> bytes, size_t at) {
  while (at + 1 < bytes.size()) {
    const void* hit = std::memchr(bytes.data() + at, 0xFF, bytes.size() - at - 1);
    if (!hit) break;
    at = static_cast<size_t>(static_cast<const std::byte*>(hit) - bytes.data());
    const auto next = static_cast<uint8_t>(bytes[at + 1]);
    if (next == 0xFF) {
      ++at;
    } else if (next == 0 || (next >= 0xD0 && next <= 0xD7)) {
      at += 2;
    } else {
      return at;
    }
  }
  return bytes.size();
}

void read_frame(ByteReader& in, size_t at, Container& c) {
  c.bits = in.u8(at + 2);
  c.header.height = in.u16(at + 3);
  c.header.width = in.u16(at + 5);
  c.components = in.u8(at + 7);
}

}  // namespace

Container read_jpeg_container(std::span<const std::byte> bytes) {
  ByteReader in(bytes);
  Container c;
  c.header.format = "jpeg";
  bool scanned = false;
  size_t at = 2;
  while (at + 1 < bytes.size()) {
    if (in.u8(at) != 0xFF) {
      // Decoders step over stray bytes between segments; so do we.
      ++at;
      continue;
    }
    const uint8_t marker = in.u8(at + 1);
    if (marker == 0xFF) {
      ++at;
      continue;
    }
    at += 2;
    if (marker == kEndOfImage) {
      if (!scanned) c.fault = "no picture data before its end";
      return c;
    }
    if (marker == 0 || has_no_body(marker)) continue;
    const size_t length = in.u16(at);
    if (length < 2 || length > bytes.size() - at) {
      c.fault = "a segment is cut off at byte " + std::to_string(at);
      return c;
    }
    if (is_frame_header(marker) && c.header.width == 0) read_frame(in, at, c);
    if (marker == kApp1 && c.header.orientation == 1 && in.starts_with(std::string_view("Exif\0\0", 6), at + 2)) {
      if (length > 8) c.header.orientation = exif_orientation(in.part(at + 8, length - 8));
    }
    at += length;
    if (marker == kStartOfScan) {
      scanned = true;
      at = skip_entropy_data(bytes, at);
    }
  }
  c.fault = "no end-of-image marker in its " + std::to_string(bytes.size()) + " bytes";
  return c;
}

}  // namespace winnow
