#include "src/image/jpeg_decoder.h"

#include <csetjmp>
#include <cstdio>

// jpeglib.h needs FILE and size_t before it.
#include <jerror.h>
#include <jpeglib.h>

#include "src/core/error.h"

namespace winnow {
namespace {

/// libjpeg reports through C callbacks; leaving them by longjmp is its documented way.
struct Failure {
  jpeg_error_mgr manager;
  std::jmp_buf exit;
  char message[JMSG_LENGTH_MAX];
};

void fail(j_common_ptr info) {
  auto* failure = reinterpret_cast<Failure*>(info->err);
  failure->manager.format_message(info, failure->message);
  std::longjmp(failure->exit, 1);
}

/// Warnings that mean lost picture data; libjpeg itself would go on with grey.
void warn(j_common_ptr info, int level) {
  if (level >= 0) return;
  switch (info->err->msg_code) {
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_JPEG_EOF:
    case JWRN_MUST_RESYNC:
    case JWRN_BOGUS_PROGRESSION: fail(info);
    default: return;
  }
}

/// Adobe writes inverted CMYK, and so does everybody after it.
void cmyk_to_rgb(const uint8_t* in, int width, uint8_t* out) {
  for (int x = 0; x < width; ++x, in += 4, out += 3) {
    for (int c = 0; c < 3; ++c) out[c] = static_cast<uint8_t>((in[c] * in[3] + 127) / 255);
  }
}

void read_rows(jpeg_decompress_struct& info, Image& image, std::vector<uint8_t>& scratch) {
  const bool cmyk = info.out_color_space == JCS_CMYK;
  if (cmyk) scratch.resize(static_cast<size_t>(image.width) * 4);
  while (info.output_scanline < info.output_height) {
    uint8_t* target = image.at(0, static_cast<int>(info.output_scanline));
    JSAMPROW row = cmyk ? scratch.data() : target;
    jpeg_read_scanlines(&info, &row, 1);
    if (cmyk) cmyk_to_rgb(scratch.data(), image.width, target);
  }
}

/// No object with a destructor may live in this frame: fail() jumps over it.
bool decode(std::span<const std::byte> bytes, int denominator, Image& image, std::vector<uint8_t>& scratch,
            Failure& failure) {
  jpeg_decompress_struct info;
  info.err = jpeg_std_error(&failure.manager);
  failure.manager.error_exit = fail;
  failure.manager.emit_message = warn;
  if (setjmp(failure.exit)) {
    jpeg_destroy_decompress(&info);
    return false;
  }
  jpeg_create_decompress(&info);
  jpeg_mem_src(&info, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  jpeg_read_header(&info, TRUE);
  info.scale_num = 1;
  info.scale_denom = static_cast<unsigned>(denominator);
  const bool cmyk = info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK;
  info.out_color_space = cmyk ? JCS_CMYK : JCS_RGB;
  jpeg_start_decompress(&info);
  image = Image(static_cast<int>(info.output_width), static_cast<int>(info.output_height));
  read_rows(info, image, scratch);
  jpeg_finish_decompress(&info);
  jpeg_destroy_decompress(&info);
  return true;
}

}  // namespace

Image decode_jpeg(std::span<const std::byte> bytes, int denominator) {
  Image image;
  std::vector<uint8_t> scratch;
  Failure failure;
  if (!decode(bytes, denominator, image, scratch, failure)) {
    throw Error(ErrorCode::kData, std::string("truncated or corrupt JPEG: ") + failure.message);
  }
  return image;
}

}  // namespace winnow
