#pragma once

#include <string>

#include "src/image/codec.h"

namespace winnow {

/// What the structure of an image file says, read without decoding any pixel. All parsers are bounded by the bytes
/// given and allocate nothing.
struct Container {
  ImageHeader header;
  int components = 0;  ///< JPEG only: 1, 3 or 4
  int bits = 8;        ///< bits a sample, where the format says
  /// Why the file cannot be whole ("no end-of-image marker"); empty when its structure is complete.
  std::string fault;
};

/// Tells the format by its magic bytes. @throws Error(kData) for an unknown format or an unreadable header
Container read_container(std::span<const std::byte> bytes);

// One parser a format, for bytes with its magic; width and height stay 0 when the header is broken.
Container read_jpeg_container(std::span<const std::byte> bytes);
Container read_png_container(std::span<const std::byte> bytes);
Container read_webp_container(std::span<const std::byte> bytes);
Container read_tiff_container(std::span<const std::byte> bytes);

/// The chunks of a whole PNG that make its pixels: libpng prints warnings about the others (colour profiles above all).
std::vector<std::byte> essential_png(std::span<const std::byte> bytes);

/// EXIF orientation tag of a TIFF structure (the body of an EXIF block): 1..8, 1 when absent or broken.
int exif_orientation(std::span<const std::byte> tiff);

}  // namespace winnow
