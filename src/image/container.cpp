#include "src/image/container.h"

#include <cctype>
#include <limits>

#include "src/core/error.h"
#include "src/image/byte_reader.h"

namespace winnow {
namespace {

Container read_gif_container(std::span<const std::byte> bytes) {
  ByteReader in(bytes, true);
  Container c;
  c.header = {in.u16(6), in.u16(8), "gif", 1};
  return c;
}

Container read_bmp_container(std::span<const std::byte> bytes) {
  ByteReader in(bytes, true);
  Container c;
  const uint64_t pixels_at = in.u32(10);
  const bool old = in.u32(14) == 12;
  const int64_t width = old ? in.u16(18) : static_cast<int32_t>(in.u32(18));
  const int64_t height = old ? in.u16(20) : static_cast<int32_t>(in.u32(22));
  c.bits = old ? in.u16(24) : in.u16(28);
  const uint32_t compression = old ? 0 : in.u32(30);
  c.header.format = "bmp";
  constexpr int64_t kLargest = std::numeric_limits<int32_t>::max();
  if (!in.ok() || width <= 0 || height == 0 || height < -kLargest) return c;
  c.header.width = static_cast<int>(width);
  // A negative height says that rows run from top to bottom.
  c.header.height = static_cast<int>(height < 0 ? -height : height);
  const bool raw = compression == 0 || compression == 3;
  const uint64_t row = (static_cast<uint64_t>(width) * c.bits + 31) / 32 * 4;
  if (raw && pixels_at + row * static_cast<uint64_t>(c.header.height) > bytes.size()) c.fault = "its rows are cut off";
  return c;
}

/// Next number of a PNM header, after white space and comments; -1 when there is none.
int64_t pnm_number(ByteReader& in, size_t& at) {
  while (at < in.size()) {
    const char c = static_cast<char>(in.u8(at));
    if (c == '#') {
      while (at < in.size() && in.u8(at) != '\n') ++at;
    } else if (!std::isspace(static_cast<unsigned char>(c))) {
      break;
    } else {
      ++at;
    }
  }
  int64_t value = -1;
  for (; at < in.size() && std::isdigit(in.u8(at)); ++at) {
    value = (value < 0 ? 0 : value) * 10 + (in.u8(at) - '0');
    if (value > std::numeric_limits<int32_t>::max()) return -1;
  }
  return value;
}

Container read_pnm_container(std::span<const std::byte> bytes) {
  ByteReader in(bytes);
  Container c;
  c.header.format = "pnm";
  const char kind = static_cast<char>(in.u8(1));
  size_t at = 2;
  const int64_t width = pnm_number(in, at), height = pnm_number(in, at);
  const bool bitmap = kind == '1' || kind == '4';
  const int64_t largest = bitmap ? 1 : pnm_number(in, at);
  if (width <= 0 || height <= 0 || largest <= 0 || largest > 65535) return c;
  c.header.width = static_cast<int>(width);
  c.header.height = static_cast<int>(height);
  c.bits = largest > 255 ? 16 : 8;
  const uint64_t samples = static_cast<uint64_t>(width) * (kind == '3' || kind == '6' ? 3 : 1);
  uint64_t needed = 0;
  if (kind == '4') {
    needed = static_cast<uint64_t>((width + 7) / 8) * height;
  } else if (kind >= '5') {
    needed = samples * height * (c.bits / 8);
  } else {
    needed = samples * height;  // text: at least one digit a sample
  }
  if (at + 1 + needed > bytes.size()) c.fault = "its samples are cut off";
  return c;
}

}  // namespace

Container read_container(std::span<const std::byte> bytes) {
  const ByteReader in(bytes);
  Container c;
  if (in.starts_with("\xff\xd8\xff")) {
    c = read_jpeg_container(bytes);
  } else if (in.starts_with("\x89PNG\r\n\x1a\n")) {
    c = read_png_container(bytes);
  } else if (in.starts_with("RIFF") && in.starts_with("WEBP", 8)) {
    c = read_webp_container(bytes);
  } else if (in.starts_with(std::string_view("II*\0", 4)) || in.starts_with(std::string_view("MM\0*", 4))) {
    c = read_tiff_container(bytes);
  } else if (in.starts_with("GIF87a") || in.starts_with("GIF89a")) {
    c = read_gif_container(bytes);
  } else if (in.starts_with("BM")) {
    c = read_bmp_container(bytes);
  } else if (in.starts_with("P") && bytes.size() > 2 && char(bytes[1]) >= '1' && char(bytes[1]) <= '6' &&
             std::isspace(static_cast<unsigned char>(bytes[2]))) {
    c = read_pnm_container(bytes);
  } else {
    throw Error(ErrorCode::kData,
                bytes.empty() ? "the file is empty" : "not a picture: known are JPEG, PNG, WebP, BMP, TIFF and PNM");
  }
  if (c.header.width <= 0 || c.header.height <= 0) {
    throw Error(ErrorCode::kData,
                "truncated or corrupt " + c.header.format + " header" + (c.fault.empty() ? "" : ": " + c.fault));
  }
  return c;
}

ImageHeader read_image_header(std::span<const std::byte> bytes) { return read_container(bytes).header; }

}  // namespace winnow
