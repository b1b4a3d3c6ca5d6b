#include "data/catalogue_scene.h"

#include <cmath>
#include <numbers>

namespace winnow::catalogue {
namespace {

using std::numbers::pi;

enum class Ground { kStudio, kWood, kTiles, kShelf, kCloth, kBokeh, kBrick, kCount };

Color ground_color(Ground ground, double u, double v, Color a, Color b, uint64_t seed) {
  const auto wrap = [](double x) { return x - std::floor(x); };
  switch (ground) {
    case Ground::kWood: {
      const double plank = std::floor(v * 5);
      const double grain = value_noise(u * 3 + plank * 7, v * 40, seed);
      const Color wood = mix(a, b, 0.3 + 0.4 * grain + 0.3 * cell_noise(int64_t(plank), 0, seed));
      return wrap(v * 5) < 0.06 ? wood * 0.55 : wood;
    }
    case Ground::kTiles: {
      const bool joint = wrap(u * 4) < 0.06 || wrap(v * 4) < 0.06;
      return joint ? b : a * (0.9 + 0.2 * cell_noise(int64_t(u * 4 + 99), int64_t(v * 4 + 99), seed));
    }
    case Ground::kShelf: {
      const double edge = wrap(v * 1.6 + 0.3);
      return edge < 0.09 ? b * 1.2 : mix(a, b, 0.2) * (0.45 + 0.5 * edge);
    }
    case Ground::kCloth:
      return mix(a, b, value_noise(u * 6, v * 6, seed)) *
             (0.9 + 0.2 * cell_noise(int64_t(u * 200), int64_t(v * 200), seed));
    case Ground::kBokeh: return mix(a, b, value_noise(u * 4, v * 4, seed) * 1.6 - 0.3);
    case Ground::kBrick: {
      const double row = std::floor(v * 8), x = u * 4 + (static_cast<int>(row) % 2 ? 0.5 : 0);
      const bool joint = wrap(x) < 0.08 || wrap(v * 8) < 0.15;
      return joint ? b : a * (0.8 + 0.35 * cell_noise(int64_t(std::floor(x)), int64_t(row), seed));
    }
    default: return mix(a, b, std::clamp(v, 0.0, 1.0));
  }
}

Color ground_tone(Random& random) {
  return hsv(random.uniform(), random.uniform(0.02, 0.5), random.uniform(0.25, 0.95));
}

Homography placement(double turn, double scale_x, double scale_y, double shear, Point center) {
  const double c = std::cos(turn), s = std::sin(turn);
  return {
      {scale_x * c, scale_y * (shear * c - s), center.x, scale_x * s, scale_y * (shear * s + c), center.y, 0, 0, 1}};
}

void paint_fingers(Canvas& canvas, Random& random) {
  const double side = canvas.side(), radius = side * random.uniform(0.035, 0.06);
  const Color skin = hsv(random.uniform(0.03, 0.08), random.uniform(0.3, 0.6), random.uniform(0.35, 0.95));
  const bool from_left = random.chance(0.5);
  const double reach = side * random.uniform(0.22, 0.42), y0 = side * random.uniform(0.35, 0.75);
  const uint64_t count = 2 + random.below(3);
  for (uint64_t i = 0; i < count; ++i) {
    const double y = y0 + 2.1 * radius * i, tip = reach * random.uniform(0.8, 1.1);
    const Point from{from_left ? -radius : side + radius, y + side * 0.06}, to{from_left ? tip : side - tip, y};
    canvas.fill(capsule(from, to, radius), [&](double, double py, Color& color) {
      const double off = (py - std::lerp(from.y, to.y, 0.8)) / radius;
      color = skin * (0.95 - 0.25 * off * off);
    });
  }
}

void paint_bars(Canvas& canvas, Random& random) {
  const double side = canvas.side(), step = side * random.uniform(0.18, 0.3),
               width = side * random.uniform(0.012, 0.025);
  const double turn = random.uniform(-0.4, 0.4), offset = random.uniform(0, step);
  const Color metal = hsv(0.6, 0.05, random.uniform(0.3, 0.9));
  for (double x = offset - side * 0.3; x < side * 1.3; x += step) {
    canvas.fill(capsule({x, -width}, {x + turn * side, side + width}, width),
                [&](double, double, Color& c) { c = metal; });
  }
}

void paint_thing(Canvas& canvas, Random& random) {
  const double side = canvas.side(), angle = random.uniform(0, 2 * pi), far = side * random.uniform(0.42, 0.58);
  const Point center{side / 2 + far * std::cos(angle), side / 2 + far * std::sin(angle)};
  const Texture texture = draw_texture(ground_tone(random), ground_tone(random), random);
  const double size = side * random.uniform(0.12, 0.24);
  const Homography map = placement(random.uniform(-pi, pi), size, size * random.uniform(0.6, 1.4), 0, center);
  const Homography back = map.inverse();
  const Polygon outline = random.chance(0.5) ? ellipse({0, 0}, 1, 1) : rounded_rectangle(-1, -1, 1, 1, 0.2);
  canvas.fill(transform(outline, map), [&](double x, double y, Color& color) {
    const Point p = back({x, y});
    color = texture.at(p.x, p.y) * (0.9 - 0.2 * p.x);
  });
}

void paint_tag(Canvas& canvas, Random& random) {
  const double side = canvas.side(), size = side * random.uniform(0.08, 0.13);
  const Point center{side * random.uniform(0.2, 0.8), side * random.uniform(0.25, 0.8)};
  const Homography map = placement(random.uniform(-0.5, 0.5), size, size * 0.6, 0, center), back = map.inverse();
  const Color paper = hsv(random.uniform(), random.uniform(0.1, 0.9), 0.95);
  const std::string price = draw_word(random);
  canvas.fill(transform(rectangle(-1, -1, 1, 1), map), [&](double x, double y, Color& color) {
    const Point p = back({x, y});
    color = letters_cover(price, p.x / 0.75, p.y / 0.6) ? Color{0.1F, 0.1F, 0.1F} : paper;
  });
}

}  // namespace

Light draw_light(Random& random) {
  Light light;
  const double angle = random.uniform(-pi, 0), tilt = random.uniform(0.3, 0.9);
  light.x = tilt * std::cos(angle);
  light.y = tilt * std::sin(angle);
  light.z = std::sqrt(1 - tilt * tilt);
  light.ambient = random.uniform(0.35, 0.6);
  light.diffuse = random.uniform(0.4, 0.7);
  return light;
}

Pose draw_pose(int side, Point center, double scale, double largest_turn, Random& random) {
  Pose pose;
  const double size = side * scale;
  const double turn = random.uniform(-largest_turn, largest_turn);
  pose.map = placement(turn, size * random.uniform(0.85, 1.1), size, random.uniform(-0.12, 0.12), center);
  // A camera that is not straight in front.
  pose.map.m[6] = random.uniform(-0.12, 0.12);
  pose.map.m[7] = random.uniform(-0.12, 0.12);
  for (int row = 0; row < 2; ++row) {
    const double shift = row ? center.y : center.x;
    pose.map.m[row * 3] += shift * pose.map.m[6];
    pose.map.m[row * 3 + 1] += shift * pose.map.m[7];
  }
  pose.yaw = random.uniform(-0.25, 0.25);
  return pose;
}

void paint_background(Canvas& canvas, Random& random) {
  const auto ground = static_cast<Ground>(random.below(static_cast<uint64_t>(Ground::kCount)));
  const Color a = ground_tone(random), b = ground_tone(random);
  const double turn = random.uniform(-0.3, 0.3), zoom = random.uniform(0.6, 1.3) / canvas.side();
  const double shift_u = random.uniform(), shift_v = random.uniform(), c = std::cos(turn) * zoom,
               s = std::sin(turn) * zoom;
  const uint64_t seed = random.next();
  canvas.each([&](double x, double y, Color& color) {
    color = ground_color(ground, c * x - s * y + shift_u, s * x + c * y + shift_v, a, b, seed);
  });
  const uint64_t clutter = random.below(4);
  for (uint64_t i = 0; i < clutter; ++i) paint_thing(canvas, random);
}

void paint_shadow(Canvas& canvas, const Pose& pose, Random& random) {
  const double dark = random.uniform(0.3, 0.65), dx = random.uniform(-0.15, 0.15), wide = random.uniform(0.6, 0.85);
  const Homography back = pose.map.inverse();
  canvas.fill(transform(ellipse({dx, 0.85}, wide, 0.22), pose.map), [&](double x, double y, Color& color) {
    const Point p = back({x, y});
    const double off = std::min(1.0, std::hypot((p.x - dx) / wide, (p.y - 0.85) / 0.22));
    color = color * std::lerp(dark, 1.0, off * off);
  });
}

void paint_occluders(Canvas& canvas, Random& random) {
  if (random.chance(0.25)) paint_fingers(canvas, random);
  if (random.chance(0.08)) paint_bars(canvas, random);
  if (random.chance(0.2)) paint_tag(canvas, random);
  if (random.chance(0.35)) paint_thing(canvas, random);
}

}  // namespace winnow::catalogue
