#include "data/catalogue_shapes.h"

#include <cmath>
#include <numbers>

namespace winnow::catalogue {

using std::numbers::pi;

Polygon turned(const std::vector<Ring>& rings) {
  Polygon right;
  constexpr int kSteps = 6;
  for (size_t i = 0; i + 1 < rings.size(); ++i) {
    for (int k = 0; k < kSteps; ++k) {
      const double t = double(k) / kSteps, ease = t * t * (3 - 2 * t);
      right.push_back({std::lerp(rings[i].r, rings[i + 1].r, ease), std::lerp(rings[i].y, rings[i + 1].y, t)});
    }
  }
  right.push_back({rings.back().r, rings.back().y});
  Polygon all = right;
  for (size_t i = right.size(); i-- > 0;) all.push_back({-right[i].x, right[i].y});
  return all;
}

Polygon trapezoid(double y0, double r0, double y1, double r1) { return {{-r0, y0}, {r0, y0}, {r1, y1}, {-r1, y1}}; }

Polygon arc_band(Point center, double rx, double ry, double thickness, double from, double to) {
  Polygon outer, inner;
  constexpr int kSteps = 20;
  for (int i = 0; i <= kSteps; ++i) {
    const double a = std::lerp(from, to, double(i) / kSteps);
    outer.push_back({center.x + rx * std::cos(a), center.y + ry * std::sin(a)});
    inner.push_back({center.x + (rx - thickness) * std::cos(a), center.y + (ry - thickness) * std::sin(a)});
  }
  outer.insert(outer.end(), inner.rbegin(), inner.rend());
  return outer;
}

Polygon smooth_outline(const std::vector<Point>& p) {
  Polygon result;
  const size_t n = p.size();
  constexpr int kSteps = 5;
  for (size_t i = 0; i < n; ++i) {
    const Point &a = p[(i + n - 1) % n], &b = p[i], &c = p[(i + 1) % n], &d = p[(i + 2) % n];
    for (int k = 0; k < kSteps; ++k) {
      const double t = double(k) / kSteps;
      const auto curve = [t](double w, double x, double y, double z) {
        return 0.5 * (2 * x + (y - w) * t + (2 * w - 5 * x + 4 * y - z) * t * t + (3 * x - w - 3 * y + z) * t * t * t);
      };
      result.push_back({curve(a.x, b.x, c.x, d.x), curve(a.y, b.y, c.y, d.y)});
    }
  }
  return result;
}

Polygon shifted(Polygon polygon, double dx, double dy) {
  for (Point& p : polygon) p = {p.x + dx, p.y + dy};
  return polygon;
}

Polygon ellipse(Point center, double rx, double ry) {
  constexpr int kSteps = 28;
  Polygon result;
  for (int i = 0; i < kSteps; ++i) {
    const double a = 2 * pi * i / kSteps;
    result.push_back({center.x + rx * std::cos(a), center.y + ry * std::sin(a)});
  }
  return result;
}

Polygon rectangle(double x0, double y0, double x1, double y1) { return {{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}}; }

Polygon rounded_rectangle(double x0, double y0, double x1, double y1, double radius) {
  Polygon result;
  const Point centers[] = {
      {x1 - radius, y1 - radius}, {x0 + radius, y1 - radius}, {x0 + radius, y0 + radius}, {x1 - radius, y0 + radius}};
  constexpr int kSteps = 4;
  for (int corner = 0; corner < 4; ++corner) {
    for (int i = 0; i <= kSteps; ++i) {
      const double a = pi / 2 * (corner + double(i) / kSteps);
      result.push_back({centers[corner].x + radius * std::cos(a), centers[corner].y + radius * std::sin(a)});
    }
  }
  return result;
}

Polygon capsule(Point from, Point to, double radius) {
  const double angle = std::atan2(to.y - from.y, to.x - from.x);
  Polygon result;
  constexpr int kSteps = 8;
  for (int end = 0; end < 2; ++end) {
    const Point& c = end ? from : to;
    for (int i = 0; i <= kSteps; ++i) {
      const double a = angle + (end ? pi / 2 : -pi / 2) + pi * i / kSteps;
      result.push_back({c.x + radius * std::cos(a), c.y + radius * std::sin(a)});
    }
  }
  return result;
}

}  // namespace winnow::catalogue
