#pragma once

#include "src/image/image.h"

namespace winnow {

/// Decodes a JPEG with libjpeg-turbo at 1/denominator of its size; grey and CMYK become RGB, the orientation is left
/// alone. Straight into RGB rows: OpenCV's own JPEG path takes twice the time, in byte-swapping loops.
/// Damage that loses picture data is an error; stray bytes between segments are not. Prints nothing. Thread-safe.
/// @param denominator  1, 2, 4 or 8
/// @throws Error(kData) with libjpeg's message, without a file name
Image decode_jpeg(std::span<const std::byte> bytes, int denominator);

}  // namespace winnow
