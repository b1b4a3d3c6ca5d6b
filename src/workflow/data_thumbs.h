#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "data/dataset.h"

namespace winnow {

constexpr int kThumb = 32;

/// 32 x 32 x 3 area averages, 0..255.
using Thumb = std::array<float, size_t{kThumb} * kThumb * 3>;
Thumb make_thumb(const Image& image);
/// Mean absolute difference, 0..255, after the means of both are made equal.
double thumb_difference(const Thumb& a, const Thumb& b);

/// What one decode of a picture leaves behind.
struct PictureFacts {
  Thumb thumb{};
  std::string digest;
  int width = 0, height = 0;
  double bright = 0, dark = 0;  ///< 95th and 5th percentile of brightness, 0..255
  double contrast = 0;          ///< standard deviation of brightness
  double sharpness = 0;         ///< root mean square of the Laplacian at 128 pixels, over the contrast
};
/// By item; empty where a picture could not be read (named in `bad`).
std::vector<std::optional<PictureFacts>> picture_facts(const Dataset& dataset, std::vector<std::string>& bad);

}  // namespace winnow
