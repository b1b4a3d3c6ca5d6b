#include "data/pixel_ops.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace winnow {
namespace {

using Table = std::array<uint8_t, 256>;

/// PIL's Image.blend: towards `base` by a linear rule, cut to 0..255 and truncated.
/// @param rounding  0 cuts off as PIL does, 0.5 rounds
uint8_t blend(double base, double value, double factor, double rounding = 0) {
  return static_cast<uint8_t>(std::clamp(base + factor * (value - base) + rounding, 0.0, 255.0));
}

/// @param rounding  as in blend()
Table blend_table(double base, double factor, double rounding = 0) {
  Table table;
  for (int v = 0; v < 256; ++v) table[v] = blend(base, v, factor, rounding);
  return table;
}

void apply_table(Image& image, const Table& table) {
  for (uint8_t& p : image.pixels) p = table[p];
}

void apply_tables(Image& image, const std::array<Table, 3>& tables) {
  uint8_t* p = image.pixels.data();
  for (size_t n = image.pixels.size() / 3; n > 0; --n, p += 3) {
    for (int c = 0; c < 3; ++c) p[c] = tables[c][p[c]];
  }
}

/// Applies a table and returns the mean luma of the result, rounded as PIL's contrast enhancer does.
int apply_and_measure(Image& image, const Table& table) {
  uint64_t sum = 0;
  uint8_t* p = image.pixels.data();
  const size_t count = image.pixels.size() / 3;
  for (size_t i = 0; i < count; ++i, p += 3) {
    p[0] = table[p[0]];
    p[1] = table[p[1]];
    p[2] = table[p[2]];
    sum += luma(p);
  }
  return count ? static_cast<int>(static_cast<double>(sum) / count + 0.5) : 0;
}

/// A table, then saturation, in one pass. 16 fractional bits hold the factor.
/// @param rounding  as in blend()
void apply_and_saturate(Image& image, const Table& table, double factor, double rounding = 0) {
  const auto half = static_cast<int32_t>(rounding * 65536);
  const auto fixed = static_cast<int32_t>(std::lround(factor * 65536));
  uint8_t* p = image.pixels.data();
  for (size_t n = image.pixels.size() / 3; n > 0; --n, p += 3) {
    p[0] = table[p[0]];
    p[1] = table[p[1]];
    p[2] = table[p[2]];
    const int32_t grey = luma(p);
    for (int c = 0; c < 3; ++c) {
      p[c] = static_cast<uint8_t>(std::clamp(grey + ((fixed * (p[c] - grey) + half) >> 16), 0, 255));
    }
  }
}

std::array<std::array<int64_t, 256>, 3> histograms(const Image& image) {
  std::array<std::array<int64_t, 256>, 3> counts{};
  for (size_t i = 0; i < image.pixels.size(); ++i) ++counts[i % 3][image.pixels[i]];
  return counts;
}

Table identity_table() {
  Table table;
  for (int v = 0; v < 256; ++v) table[v] = static_cast<uint8_t>(v);
  return table;
}

Table stretch_table(const std::array<int64_t, 256>& counts) {
  int low = 0, high = 255;
  while (low < 255 && counts[low] == 0) ++low;
  while (high > 0 && counts[high] == 0) --high;
  if (high <= low) return identity_table();
  const double scale = 255.0 / (high - low), offset = -low * scale;
  Table table;
  for (int v = 0; v < 256; ++v) table[v] = static_cast<uint8_t>(std::clamp(v * scale + offset, 0.0, 255.0));
  return table;
}

Table equalize_table(const std::array<int64_t, 256>& counts) {
  int64_t total = 0, last = 0;
  for (const int64_t n : counts) {
    total += n;
    if (n) last = n;
  }
  const int64_t step = (total - last) / 255;
  if (step == 0) return identity_table();
  Table table;
  int64_t n = step / 2;
  for (int v = 0; v < 256; ++v) {
    table[v] = static_cast<uint8_t>(std::min<int64_t>(n / step, 255));
    n += counts[v];
  }
  return table;
}

template <typename MakeTable>
void apply_by_histogram(Image& image, MakeTable make_table) {
  const auto counts = histograms(image);
  apply_tables(image, {make_table(counts[0]), make_table(counts[1]), make_table(counts[2])});
}

void shift_pixel_hue(uint8_t* p, double sixths) {
  const int high = std::max({p[0], p[1], p[2]}), low = std::min({p[0], p[1], p[2]});
  const double range = high - low;
  if (range == 0) return;
  double hue = 0;
  if (high == p[0]) {
    hue = (p[1] - p[2]) / range;
  } else if (high == p[1]) {
    hue = 2 + (p[2] - p[0]) / range;
  } else {
    hue = 4 + (p[0] - p[1]) / range;
  }
  hue += sixths;
  for (int c = 0; c < 3; ++c) {
    // Distance on the circle from the channel's own hue: within one sixth it is at its maximum.
    double away = std::fmod(hue - 2 * c + 12, 6.0);
    away = std::min(away, 6 - away);
    p[c] = static_cast<uint8_t>(low + range * std::clamp(2 - away, 0.0, 1.0) + 0.5);
  }
}

}  // namespace

void adjust_brightness(Image& image, double factor) { apply_table(image, blend_table(0, factor)); }

void adjust_contrast(Image& image, double factor) {
  const int mean = apply_and_measure(image, identity_table());
  apply_table(image, blend_table(mean, factor));
}

void adjust_saturation(Image& image, double factor) { apply_and_saturate(image, identity_table(), factor); }

void adjust_colors(Image& image, double brightness, double contrast, double saturation) {
  constexpr double kRound = 0.5;  // three cuts in a row would darken every training picture by 1.5 levels
  const Table light = blend_table(0, brightness, kRound);
  if (contrast == 1) {
    apply_and_saturate(image, light, saturation, kRound);
    return;
  }
  const int mean = apply_and_measure(image, light);
  apply_and_saturate(image, blend_table(mean, contrast, kRound), saturation, kRound);
}

void shift_hue(Image& image, double turns) {
  uint8_t* p = image.pixels.data();
  for (size_t n = image.pixels.size() / 3; n > 0; --n, p += 3) shift_pixel_hue(p, turns * 6);
}

void make_grey(Image& image) {
  uint8_t* p = image.pixels.data();
  for (size_t n = image.pixels.size() / 3; n > 0; --n, p += 3) p[0] = p[1] = p[2] = luma(p);
}

void adjust_sharpness(Image& image, double factor) {
  const Image source = image;
  const size_t row = static_cast<size_t>(image.width) * 3;
  for (int y = 1; y + 1 < image.height; ++y) {
    const uint8_t* p = source.at(0, y);
    uint8_t* out = image.at(0, y);
    for (size_t i = 3; i + 3 < row; ++i) {
      const int around = p[i - row - 3] + p[i - row] + p[i - row + 3] + p[i - 3] + p[i + 3] + p[i + row - 3] +
                         p[i + row] + p[i + row + 3];
      const int smooth = (2 * (around + 5 * p[i]) + 13) / 26;
      out[i] = blend(smooth, p[i], factor);
    }
  }
}

void posterize(Image& image, int bits) {
  const auto mask = static_cast<uint8_t>(0xFF << (8 - std::clamp(bits, 0, 8)));
  for (uint8_t& p : image.pixels) p &= mask;
}

void solarize(Image& image, int threshold) {
  for (uint8_t& p : image.pixels) p = p >= threshold ? static_cast<uint8_t>(255 - p) : p;
}

void autocontrast(Image& image) { apply_by_histogram(image, stretch_table); }
void equalize(Image& image) { apply_by_histogram(image, equalize_table); }

void warp_nearest(Image& image, const Affine& m) {
  const Image source = image;
  for (int y = 0; y < image.height; ++y) {
    uint8_t* out = image.at(0, y);
    for (int x = 0; x < image.width; ++x, out += 3) {
      const auto from_x = static_cast<int>(std::floor(m.a * (x + 0.5) + m.b * (y + 0.5) + m.c));
      const auto from_y = static_cast<int>(std::floor(m.d * (x + 0.5) + m.e * (y + 0.5) + m.f));
      const bool inside = from_x >= 0 && from_y >= 0 && from_x < source.width && from_y < source.height;
      if (inside) {
        std::memcpy(out, source.at(from_x, from_y), 3);
      } else {
        std::memset(out, 0, 3);
      }
    }
  }
}

}  // namespace winnow
