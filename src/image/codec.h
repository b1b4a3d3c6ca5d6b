#pragma once

#include <string>

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
  int width = 0, height = 0;
  std::string format;  ///< "jpeg", "png", ...
};

/// @throws Error(kData) for an unknown or broken header
ImageHeader read_image_header(std::span<const std::byte> bytes);

/// Decodes to RGB: EXIF orientation applied, grey expanded, alpha composed over white, 16-bit scaled to 8, first frame
/// of several. @param name used in messages only. Thread-safe.
/// @throws Error(kData) `NAME: truncated or corrupt JPEG` / too many pixels / unknown format; a truncated JPEG is an
/// error, never a half-grey picture.
Image decode_image(std::span<const std::byte> bytes, const std::string& name, const DecodeOptions& options = {});

std::vector<std::byte> encode_jpeg(const Image& image, int quality);
std::vector<std::byte> encode_png(const Image& image);

/// "data:image/jpeg;base64,..." of the picture scaled down so that its long side is <= side.
std::string thumbnail_data_uri(const Image& image, int side, int quality = 80);
std::string base64(std::span<const std::byte> bytes);

/// One thread setting for OpenCV (its own pool is switched off: pictures are parallel, not pixels).
void init_image_threads();

}  // namespace winnow
