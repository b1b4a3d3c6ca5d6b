#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "src/image/image.h"

namespace winnow {

struct DecodeOptions {
  /// A JPEG may be decoded at 1/2, 1/4 or 1/8 when its decoded short side stays >= 1.15 x this; 0 = always full size.
  /// Only ever a speed choice of the caller: evaluation and training of one model must use the same value.
  int target_short_side = 0;
  /// Pictures whose header claims more pixels are refused before anything is allocated.
  int64_t max_pixels = 100'000'000;
};

/// What a header says, without decoding (JPEG, PNG, BMP, PNM, GIF, WebP, TIFF by magic bytes).
struct ImageHeader {
  int width = 0, height = 0;  ///< as stored, before the orientation is applied
  std::string format;         ///< "jpeg", "png", "webp", "bmp", "tiff", "pnm", "gif"
  int orientation = 1;        ///< EXIF 1..8; 5..8 swap width and height
};

/// Bounded by the bytes given; never allocates for the picture.
/// @throws Error(kData) for an unknown or broken header
ImageHeader read_image_header(std::span<const std::byte> bytes);

/// Decodes to RGB: EXIF orientation applied, grey and CMYK converted, alpha composed over white, 16-bit scaled to 8,
/// first picture of several. GIF is refused (OpenCV 4.6 cannot read it).
/// @param name  used in messages only. Thread-safe.
/// @throws Error(kData) `NAME: truncated or corrupt JPEG` / too many pixels / unknown format; a truncated file is an
/// error, never a half-grey picture.
Image decode_image(std::span<const std::byte> bytes, const std::string& name, const DecodeOptions& options = {});

/// @param quality  1..100. @throws Error(kShape) for an empty picture
std::vector<std::byte> encode_jpeg(const Image& image, int quality);
std::vector<std::byte> encode_png(const Image& image);

/// "data:image/jpeg;base64,..." of the picture scaled down so that its long side is <= side.
std::string thumbnail_data_uri(const Image& image, int side, int quality = 80);

/// One thread setting for OpenCV (its own pool is switched off: pictures are parallel, not pixels) and no messages of
/// its own on stderr. Every decode calls it; cheap and thread-safe.
void init_image_threads();

}  // namespace winnow
