#pragma once

#include <algorithm>
#include <vector>

#include "src/image/image.h"

namespace winnow::catalogue {

/// Colour of the drawing code: 0..1 a channel, more is overexposed.
struct Color {
  float r = 0, g = 0, b = 0;
};
inline Color operator*(Color c, double k) { return {float(c.r * k), float(c.g * k), float(c.b * k)}; }
inline Color operator*(Color a, Color b) { return {a.r * b.r, a.g * b.g, a.b * b.b}; }
inline Color operator+(Color a, Color b) { return {a.r + b.r, a.g + b.g, a.b + b.b}; }
/// a at k = 0, b at k = 1.
inline Color mix(Color a, Color b, double k) { return a * (1 - k) + b * k; }
/// @param hue  in turns, any real number; saturation and value 0..1
Color hsv(double hue, double saturation, double value);

struct Point {
  double x = 0, y = 0;
};
using Polygon = std::vector<Point>;

/// Projective map of the plane, row-major 3 x 3.
struct Homography {
  double m[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1};
  Point operator()(Point p) const {
    const double w = 1.0 / (m[6] * p.x + m[7] * p.y + m[8]);
    return {(m[0] * p.x + m[1] * p.y + m[2]) * w, (m[3] * p.x + m[4] * p.y + m[5]) * w};
  }
  Homography inverse() const;
};
Polygon transform(const Polygon& polygon, const Homography& map);

/// Smooth noise in 0..1 on a lattice of step 1; a pure function of its arguments.
double value_noise(double x, double y, uint64_t seed);
/// Uniform in 0..1 for an integer cell.
double cell_noise(int64_t x, int64_t y, uint64_t seed);

/// A square drawing surface, sampled more finely than the picture it becomes. Coordinates are samples.
class Canvas {
 public:
  Canvas(int picture_side, int oversampling);
  int side() const { return side_; }

  /// Calls shade(x, y, color) with the centre of each sample, which it may change.
  template <typename Shade>
  void each(Shade shade) {
    for (int y = 0; y < side_; ++y) paint({y, 0, side_}, shade);
  }
  /// The same for the samples inside a polygon (even-odd rule).
  template <typename Shade>
  void fill(const Polygon& outline, Shade shade) {
    for (const Span& span : spans(outline)) paint(span, shade);
  }

  /// Averages the samples of each pixel.
  std::vector<Color> downsample() const;

 private:
  struct Span {
    int y, begin, end;
  };
  std::vector<Span> spans(const Polygon& outline) const;
  template <typename Shade>
  void paint(const Span& span, Shade& shade) {
    Color* row = samples_.data() + static_cast<size_t>(span.y) * side_;
    for (int x = span.begin; x < span.end; ++x) shade(x + 0.5, span.y + 0.5, row[x]);
  }

  int side_, oversampling_;
  std::vector<Color> samples_;
};

}  // namespace winnow::catalogue
