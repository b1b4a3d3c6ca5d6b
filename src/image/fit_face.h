#pragma once

#include <string>

#include "src/image/image.h"

namespace winnow {

/// How a picture of another size becomes the network's: edge = outer columns or rows repeated until the shape fits,
/// then resized; center = centre of that shape, resized; stretch = whole picture, resized. Thread-safe.
/// @throws Error(kUsage) for another word
Image fit_face(const Image& source, int width, int height, const std::string& fit);

}  // namespace winnow
