#include <cmath>

#include "data/catalogue_scene.h"

namespace winnow::catalogue {
namespace {

/// Gaussian blur along one axis; the border repeats.
void blur(std::vector<Color>& pixels, int side, double sigma, bool across) {
  const int radius = static_cast<int>(std::ceil(2.5 * sigma));
  std::vector<double> weights(2 * radius + 1);
  double sum = 0;
  for (int i = -radius; i <= radius; ++i) sum += weights[i + radius] = std::exp(-0.5 * i * i / (sigma * sigma));
  const std::vector<Color> source = pixels;
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      Color mean;
      for (int i = -radius; i <= radius; ++i) {
        const int from_x = across ? std::clamp(x + i, 0, side - 1) : x,
                  from_y = across ? y : std::clamp(y + i, 0, side - 1);
        mean = mean + source[static_cast<size_t>(from_y) * side + from_x] * (weights[i + radius] / sum);
      }
      pixels[static_cast<size_t>(y) * side + x] = mean;
    }
  }
}

/// Strong light saturates softly instead of clipping.
double film(double v) { return v < 0.8 ? v : 0.8 + 0.2 * std::tanh((v - 0.8) / 0.2); }

}  // namespace

Image develop(const Canvas& canvas, Random& random) {
  std::vector<Color> pixels = canvas.downsample();
  const int side = static_cast<int>(std::lround(std::sqrt(double(pixels.size()))));
  const double sigma_x = random.chance(0.6) ? random.uniform(0.3, 1.1) : 0;
  const double sigma_y = random.chance(0.25) ? sigma_x * random.uniform(0.3, 1.0) : sigma_x;
  if (sigma_x > 0) {
    blur(pixels, side, sigma_x, true);
    blur(pixels, side, std::max(sigma_y, 0.1), false);
  }
  const double exposure = random.uniform(0.75, 1.35), warm = random.uniform(-0.14, 0.14),
               tint = random.uniform(-0.06, 0.06);
  const Color cast{float(1 + warm), float(1 + tint), float(1 - warm)};
  const double slope_x = random.uniform(-0.5, 0.5), slope_y = random.uniform(-0.5, 0.5),
               grain = random.uniform(0.005, 0.045);
  Image image(side, side);
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      const double gradient = 1 + slope_x * (double(x) / side - 0.5) + slope_y * (double(y) / side - 0.5);
      const Color c = pixels[static_cast<size_t>(y) * side + x] * cast * (exposure * gradient);
      uint8_t* p = image.at(x, y);
      const float channels[] = {c.r, c.g, c.b};
      for (int k = 0; k < 3; ++k) {
        p[k] = static_cast<uint8_t>(std::clamp(255 * (film(channels[k]) + grain * random.normal()), 0.0, 255.0));
      }
    }
  }
  return image;
}

}  // namespace winnow::catalogue
