#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace winnow {

/// An RGB picture, uint8, rows top to bottom, H x W x 3 interleaved without padding (NHWC of a batch of one).
struct Image {
  int width = 0, height = 0;
  std::vector<uint8_t> pixels;  ///< size height * width * 3

  Image() = default;
  Image(int w, int h) : width(w), height(h), pixels(size_t(w) * h * 3) {}
  uint8_t* at(int x, int y) { return pixels.data() + (size_t(y) * width + x) * 3; }
  const uint8_t* at(int x, int y) const { return pixels.data() + (size_t(y) * width + x) * 3; }
};

/// Region in pixels of the source picture, floating point as in PIL's resize(box=...).
struct Box {
  double x0 = 0, y0 = 0, x1 = 0, y1 = 0;
};

}  // namespace winnow
