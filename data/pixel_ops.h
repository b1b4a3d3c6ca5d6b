#pragma once

#include "src/image/image.h"

namespace winnow {

// Pixel arithmetic of training views, uint8 in place, results as PIL's ImageEnhance and ImageOps give them within one
// grey level. Factors: 1 keeps the picture, 0 gives the degenerate one, more than 1 exaggerates. All thread-safe.

/// Luma 0.299 R + 0.587 G + 0.114 B, rounded (ITU-R BT.601, as PIL's "L").
inline uint8_t luma(const uint8_t* rgb) {
  return static_cast<uint8_t>((rgb[0] * 19595 + rgb[1] * 38470 + rgb[2] * 7471 + 0x8000) >> 16);
}

/// Towards black.
void adjust_brightness(Image& image, double factor);
/// Towards the picture's mean luma.
void adjust_contrast(Image& image, double factor);
/// Towards grey.
void adjust_saturation(Image& image, double factor);
/// Brightness, contrast, saturation one after the other, in two passes over the pixels; each step is rounded, where the
/// single operations cut off as PIL's do.
void adjust_colors(Image& image, double brightness, double contrast, double saturation);
/// Turns the hue of HSV by `turns` of the full circle, -0.5..0.5.
void shift_hue(Image& image, double turns);
/// All three channels become the luma.
void make_grey(Image& image);
/// Towards a 3 x 3 smoothed picture (weights 1 1 1 / 1 5 1 / 1 1 1); the border keeps its values.
void adjust_sharpness(Image& image, double factor);
/// Keeps the upper `bits` of each sample, 0..8.
void posterize(Image& image, int bits);
/// Inverts the samples at or above the threshold, 0..256.
void solarize(Image& image, int threshold);
/// Stretches each channel to 0..255.
void autocontrast(Image& image);
/// Makes the histogram of each channel flat.
void equalize(Image& image);

/// out(x, y) = in(a x + b y + c, d x + e y + f) at pixel centres, nearest neighbour, black outside.
struct Affine {
  double a = 1, b = 0, c = 0, d = 0, e = 1, f = 0;
};
void warp_nearest(Image& image, const Affine& map);

}  // namespace winnow
