#include "data/catalogue_canvas.h"

#include <cmath>

namespace winnow::catalogue {
namespace {

uint64_t scramble(uint64_t z) {
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ z >> 27) * 0x94D049BB133111EBULL;
  return z ^ z >> 31;
}

double smooth(double t) { return t * t * (3 - 2 * t); }

}  // namespace

Color hsv(double hue, double saturation, double value) {
  const auto channel = [&](double offset) {
    const double k = std::fmod(std::fmod(hue * 6 + offset, 6.0) + 6, 6.0);
    return static_cast<float>(value * (1 - saturation * std::clamp(std::min(k, 4 - k), 0.0, 1.0)));
  };
  return {channel(5), channel(3), channel(1)};
}

Homography Homography::inverse() const {
  const double a = m[4] * m[8] - m[5] * m[7], b = m[5] * m[6] - m[3] * m[8], c = m[3] * m[7] - m[4] * m[6];
  const double k = 1.0 / (m[0] * a + m[1] * b + m[2] * c);
  return {{a * k, (m[2] * m[7] - m[1] * m[8]) * k, (m[1] * m[5] - m[2] * m[4]) * k, b * k,
           (m[0] * m[8] - m[2] * m[6]) * k, (m[2] * m[3] - m[0] * m[5]) * k, c * k, (m[1] * m[6] - m[0] * m[7]) * k,
           (m[0] * m[4] - m[1] * m[3]) * k}};
}

Polygon transform(const Polygon& polygon, const Homography& map) {
  Polygon result;
  result.reserve(polygon.size());
  for (const Point& p : polygon) result.push_back(map(p));
  return result;
}

double cell_noise(int64_t x, int64_t y, uint64_t seed) {
  const uint64_t key =
      seed + static_cast<uint64_t>(x) * 0x9E3779B97F4A7C15ULL + static_cast<uint64_t>(y) * 0xD1B54A32D192ED03ULL;
  return static_cast<double>(scramble(key) >> 40) * 0x1p-24;
}

double value_noise(double x, double y, uint64_t seed) {
  const double fx = std::floor(x), fy = std::floor(y);
  const auto ix = static_cast<int64_t>(fx), iy = static_cast<int64_t>(fy);
  const double tx = smooth(x - fx), ty = smooth(y - fy);
  const double top = std::lerp(cell_noise(ix, iy, seed), cell_noise(ix + 1, iy, seed), tx);
  const double bottom = std::lerp(cell_noise(ix, iy + 1, seed), cell_noise(ix + 1, iy + 1, seed), tx);
  return std::lerp(top, bottom, ty);
}

Canvas::Canvas(int picture_side, int oversampling)
    : side_(picture_side * oversampling), oversampling_(oversampling), samples_(static_cast<size_t>(side_) * side_) {}

std::vector<Canvas::Span> Canvas::spans(const Polygon& outline) const {
  std::vector<Span> result;
  if (outline.size() < 3) return result;
  const auto [low, high] =
      std::minmax_element(outline.begin(), outline.end(), [](const Point& a, const Point& b) { return a.y < b.y; });
  const int first = std::max(0, static_cast<int>(std::floor(low->y)));
  const int last = std::min(side_ - 1, static_cast<int>(std::ceil(high->y)));
  std::vector<double> crossings;
  for (int y = first; y <= last; ++y) {
    const double center = y + 0.5;
    crossings.clear();
    for (size_t i = 0; i < outline.size(); ++i) {
      const Point& a = outline[i];
      const Point& b = outline[i + 1 == outline.size() ? 0 : i + 1];
      if ((a.y <= center) != (b.y <= center)) {
        crossings.push_back(a.x + (center - a.y) / (b.y - a.y) * (b.x - a.x));
      }
    }
    std::sort(crossings.begin(), crossings.end());
    for (size_t i = 0; i + 1 < crossings.size(); i += 2) {
      const auto edge = [&](double x) { return static_cast<int>(std::clamp(std::ceil(x - 0.5), 0.0, double(side_))); };
      const int begin = edge(crossings[i]), end = edge(crossings[i + 1]);
      if (begin < end) result.push_back({y, begin, end});
    }
  }
  return result;
}

std::vector<Color> Canvas::downsample() const {
  const int out = side_ / oversampling_;
  std::vector<Color> pixels(static_cast<size_t>(out) * out);
  for (int y = 0; y < side_; ++y) {
    for (int x = 0; x < side_; ++x) {
      Color& p = pixels[static_cast<size_t>(y / oversampling_) * out + x / oversampling_];
      p = p + samples_[static_cast<size_t>(y) * side_ + x];
    }
  }
  for (Color& p : pixels) p = p * (1.0 / (oversampling_ * oversampling_));
  return pixels;
}

}  // namespace winnow::catalogue
