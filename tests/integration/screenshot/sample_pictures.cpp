#include "tests/integration/screenshot/sample_pictures.h"

#include <algorithm>
#include <cmath>

namespace winnow::test {
namespace {

struct Colour {
  double r, g, b;
};

Colour hue(double h) {
  const auto wave = [h](double shift) { return 0.5 + 0.45 * std::cos(6.2832 * (h + shift)); };
  return {wave(0), wave(-0.333), wave(0.333)};
}

/// Signed size of the shape at (u, v) in [-1, 1]: negative inside.
double shape(int64_t kind, double u, double v) {
  switch (kind % 3) {
    case 0: return std::hypot(u, v) - 0.8;
    case 1: return std::max(std::abs(u) - 0.6, std::abs(v) - 0.85);
    default: return std::max(std::abs(u) * 1.2 + v * 0.6 - 0.6, -v - 0.8);
  }
}

}  // namespace

Image draw_product(int64_t label, int64_t variant) {
  constexpr int kSize = 128;
  Image image(kSize, kSize);
  const Colour body = hue(static_cast<double>(label) * 0.137), mark = hue(static_cast<double>(label) * 0.137 + 0.45);
  const double light = 0.8 + 0.08 * static_cast<double>(variant % 5),
               scale = 0.65 + 0.07 * static_cast<double>(variant % 4);
  const double du = 0.12 * (static_cast<double>(variant % 3) - 1),
               dv = 0.1 * (static_cast<double>(variant % 7) / 3 - 1);
  for (int y = 0; y < kSize; ++y)
    for (int x = 0; x < kSize; ++x) {
      const double u = (2.0 * x / kSize - 1 - du) / scale, v = (2.0 * y / kSize - 1 - dv) / scale;
      const bool inside = shape(label, u, v) < 0;
      const bool stripe = std::abs(v - 0.2 * static_cast<double>(label % 4) + 0.3) < 0.14;
      const Colour ground{0.82 + 0.1 * u, 0.8, 0.78};
      const Colour c = !inside ? ground : stripe ? mark : body;
      uint8_t* p = image.at(x, y);
      const double value[] = {c.r, c.g, c.b};
      for (int k = 0; k < 3; ++k) p[k] = static_cast<uint8_t>(std::clamp(255.0 * light * value[k], 0.0, 255.0));
    }
  return image;
}

}  // namespace winnow::test
