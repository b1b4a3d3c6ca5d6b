#include <cmath>
#include <numbers>

#include "data/catalogue_scene.h"

namespace winnow::catalogue {
namespace {

/// Left and right border of an outline at each height, so that any shape can be shaded as a round body.
class Flanks {
 public:
  explicit Flanks(const Polygon& outline) {
    top_ = bottom_ = outline.front().y;
    for (const Point& p : outline) {
      top_ = std::min(top_, p.y);
      bottom_ = std::max(bottom_, p.y);
    }
    for (int i = 0; i < kRows; ++i) measure(outline, i);
  }

  double top() const { return top_; }
  double bottom() const { return bottom_; }
  double widest() const { return widest_; }
  double middle() const { return middle_; }
  /// -1..1 across the body at a point.
  double across(Point p) const {
    const double at = std::clamp((p.y - top_) / (bottom_ - top_) * kRows - 0.5, 0.0, kRows - 1.0);
    const int i = std::min(static_cast<int>(at), kRows - 2);
    const double left = std::lerp(left_[i], left_[i + 1], at - i), right = std::lerp(right_[i], right_[i + 1], at - i);
    return std::clamp((2 * p.x - left - right) / std::max(right - left, 1e-6), -1.0, 1.0);
  }

 private:
  static constexpr int kRows = 48;

  void measure(const Polygon& outline, int i) {
    const double y = top_ + (i + 0.5) / kRows * (bottom_ - top_);
    double left = 1e9, right = -1e9;
    for (size_t k = 0; k < outline.size(); ++k) {
      const Point &a = outline[k], &b = outline[(k + 1) % outline.size()];
      if ((a.y <= y) == (b.y <= y)) continue;
      const double x = a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x);
      left = std::min(left, x);
      right = std::max(right, x);
    }
    left_[i] = left < right ? left : 0;
    right_[i] = left < right ? right : 0;
    if (right_[i] - left_[i] > 2 * widest_) {
      widest_ = (right_[i] - left_[i]) / 2;
      middle_ = (right_[i] + left_[i]) / 2;
    }
  }

  double left_[kRows], right_[kRows], top_, bottom_, widest_ = 0, middle_ = 0;
};

struct Normal {
  double x, y, z;
};

Normal normal_at(Surface surface, double s, double t, uint64_t seed) {
  switch (surface) {
    case Surface::kCylinder: return {s, 0, std::sqrt(std::max(0.0, 1 - s * s))};
    case Surface::kBall: {
      const double rest = std::max(0.0, 1 - s * s * (1 - t * t) - t * t);
      return {s * std::sqrt(std::max(0.0, 1 - t * t)), t, std::sqrt(rest)};
    }
    case Surface::kSoft: {
      const double x = 0.35 * s + 0.5 * (value_noise(s * 2.2, t * 2.2, seed) - 0.5);
      const double y = 0.15 * t + 0.5 * (value_noise(s * 2.2 + 9, t * 2.2, seed) - 0.5);
      return {x, y, std::sqrt(std::max(0.05, 1 - x * x - y * y))};
    }
    case Surface::kFlat: break;
  }
  return {0, 0, 1};
}

Color role_color(const Design& d, Role role) {
  switch (role) {
    case Role::kSecond: return d.second;
    case Role::kAccent: return d.accent;
    case Role::kDark: return {0.08F, 0.08F, 0.1F};
    default: return d.body;
  }
}

Color print_at(const Design& d, const Part& part, double s, double t) {
  if (part.role != Role::kBody && part.role != Role::kSide) return role_color(d, part.role);
  Color color = d.texture.at(s, t);
  if (part.labelled) d.label.paint(s, t, color);
  return color;
}

Color lit(const Design& d, Color color, const Normal& n, const Light& light, double brightness) {
  const double facing = n.x * light.x + n.y * light.y + n.z * light.z;
  double strength = light.ambient + light.diffuse * std::max(0.0, facing);
  if (d.metal) strength *= 0.8 + 0.45 * std::cos(7 * n.x + 2 * light.x);
  // Half-way vector between the light and the camera (0, 0, 1).
  const double h = std::sqrt(2 + 2 * light.z);
  const double highlight = std::max(0.0, (n.x * light.x + n.y * light.y + n.z * (light.z + 1)) / h);
  const double shine = d.fabric ? 0 : d.gloss * std::pow(highlight, 40);
  return color * (strength * brightness) + Color{1, 1, 1} * (0.7 * shine);
}

}  // namespace

void paint_product(Canvas& canvas, const Design& d, const Pose& pose, const Light& light) {
  const Homography back = pose.map.inverse();
  for (const Part& part : d.silhouette.parts) {
    const Flanks flanks(part.outline);
    const bool round = part.surface == Surface::kCylinder || part.surface == Surface::kBall;
    // Round bodies are printed all around and show the half of it that faces the camera.
    const double stretch = 2 / std::numbers::pi;
    canvas.fill(transform(part.outline, pose.map), [&](double x, double y, Color& color) {
      const Point p = back({x, y});
      const double t = part.surface == Surface::kBall
                           ? (2 * p.y - flanks.top() - flanks.bottom()) / (flanks.bottom() - flanks.top())
                           : p.y;
      const double across = round || part.surface == Surface::kSoft ? flanks.across(p) : 0;
      const double s = round ? std::asin(across) * stretch * 1.5 + pose.yaw : (p.x - flanks.middle()) / flanks.widest();
      const Normal n = normal_at(part.surface, across, t, d.texture.seed);
      Color print = print_at(d, part, s, t);
      if (d.fabric) print = print * (0.88 + 0.24 * cell_noise(int64_t(p.x * 60), int64_t(p.y * 60), d.texture.seed));
      color = lit(d, print, n, light, part.brightness);
    });
  }
}

}  // namespace winnow::catalogue
