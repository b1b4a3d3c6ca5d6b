#pragma once

#include "src/image/image.h"

namespace winnow {

enum class Filter { kBilinear, kBicubic, kLanczos };

/// Antialiased resize of `box` to width x height; equal to PIL's Image.resize(size, filter, box=...) within one grey
/// level (same 8-bit two-pass fixed-point arithmetic). Thread-safe.
Image resize(const Image& source, int width, int height, const Box& box, Filter filter = Filter::kBilinear);
Image resize(const Image& source, int width, int height, Filter filter = Filter::kBilinear);

/// Resizes so that the short side is `short_side / crop_ratio` and takes the centre crop_size square, in one resize
/// with a box (no second resampling): the evaluation view of a picture.
Image center_view(const Image& source, int crop_size, double crop_ratio, Filter filter = Filter::kBilinear);

/// Whole picture scaled to fit inside size x size, the rest padded with grey 114 (for `view: pad`).
Image pad_view(const Image& source, int size, Filter filter = Filter::kBilinear);

Image crop(const Image& source, int x, int y, int width, int height);
void flip_horizontally(Image& image);
/// Scaled down so that the long side is <= side.
Image fit_within(const Image& source, int side);

}  // namespace winnow
