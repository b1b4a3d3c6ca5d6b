#include <cmath>
#include <numbers>

#include "data/catalogue_shapes.h"

namespace winnow::catalogue {
namespace {

using std::numbers::pi;

Part body(Polygon outline, Surface surface) { return {std::move(outline), surface, Role::kBody, true}; }

Part part(Polygon outline, Surface surface, Role role, double brightness = 1) {
  return {std::move(outline), surface, role, false, brightness};
}

/// A cuboid seen a little from the right and from above.
Silhouette cuboid(const char* name, double w, double h, double depth) {
  const double rise = depth * 0.45, left = -w - depth / 2, right = w - depth / 2, top = -h + rise / 2,
               bottom = h + rise / 2;
  return {name,
          {part({{left, top}, {left + depth, top - rise}, {right + depth, top - rise}, {right, top}}, Surface::kFlat,
                Role::kSide, 1.15),
           part({{right, top}, {right + depth, top - rise}, {right + depth, bottom - rise}, {right, bottom}},
                Surface::kFlat, Role::kSide, 0.65),
           body(rectangle(left, top, right, bottom), Surface::kFlat)}};
}

Silhouette carton(Random& random) {
  return cuboid("carton", random.uniform(0.42, 0.55), random.uniform(0.65, 0.8), random.uniform(0.15, 0.35));
}

Silhouette box(Random& random) {
  return cuboid("box", random.uniform(0.6, 0.7), random.uniform(0.32, 0.5), random.uniform(0.25, 0.4));
}

Silhouette bag(Random& random) {
  const double w = random.uniform(0.5, 0.65), flare = random.uniform(-0.08, 0.1);
  return {"bag",
          {part(arc_band({0, -0.3}, w * 0.5, 0.6, 0.07, pi, 2 * pi), Surface::kFlat, Role::kAccent),
           body(smooth_outline({{-w, -0.32},
                                {0, -0.3},
                                {w, -0.32},
                                {w + flare, 0.75},
                                {w * 0.9, 0.88},
                                {0, 0.9},
                                {-w * 0.9, 0.88},
                                {-w - flare, 0.75}}),
                Surface::kSoft)}};
}

Silhouette pouch(Random& random) {
  const double w = random.uniform(0.48, 0.6);
  Polygon outline;
  constexpr int kTeeth = 12;
  for (int i = 0; i <= kTeeth; ++i) outline.push_back({-w + 2 * w * i / kTeeth, -0.88 + (i % 2 ? 0.05 : 0)});
  for (const Point& p : Polygon{{w, -0.6},
                                {w * 0.94, 0},
                                {w, 0.75},
                                {w * 0.8, 0.9},
                                {-w * 0.8, 0.9},
                                {-w, 0.75},
                                {-w * 0.94, 0},
                                {-w, -0.6}}) {
    outline.push_back(p);
  }
  return {"pouch", {body(outline, Surface::kSoft), part(rectangle(-w, -0.76, w, -0.7), Surface::kFlat, Role::kAccent)}};
}

Silhouette shoe(Random& random) {
  const double collar = random.uniform(-0.5, -0.35), toe = random.uniform(0.05, 0.15);
  Silhouette s{"shoe",
               {body(smooth_outline({{-0.85, 0.42},
                                     {-0.88, -0.1},
                                     {-0.8, collar},
                                     {-0.35, collar - 0.02},
                                     {-0.12, -0.2},
                                     {0.35, toe},
                                     {0.8, 0.2},
                                     {0.9, 0.42},
                                     {0, 0.45}}),
                     Surface::kSoft),
                part(rounded_rectangle(-0.95, 0.36, 0.97, 0.58, 0.08), Surface::kFlat, Role::kSecond),
                part(rectangle(-0.95, 0.52, 0.97, 0.6), Surface::kFlat, Role::kDark)}};
  for (int i = 0; i < 4; ++i) {
    const double x = -0.22 + 0.15 * i, y = -0.22 + 0.075 * i;
    s.parts.push_back(part(capsule({x, y}, {x + 0.1, y - 0.14}, 0.03), Surface::kFlat, Role::kAccent));
  }
  return s;
}

Silhouette boot(Random& random) {
  const double top = random.uniform(-0.92, -0.75), shaft = random.uniform(0.12, 0.22);
  return {"boot",
          {body(smooth_outline({{-0.6, 0.6},
                                {-0.62, 0},
                                {-0.6, top},
                                {-0.25, top - 0.02},
                                {shaft - 0.05, top},
                                {shaft, 0.05},
                                {0.62, 0.3},
                                {0.72, 0.62},
                                {0, 0.64}}),
                Surface::kSoft),
           part(rounded_rectangle(-0.68, 0.58, 0.8, 0.8, 0.07), Surface::kFlat, Role::kSecond),
           part(rounded_rectangle(-0.66, top - 0.04, shaft + 0.02, top + 0.12, 0.05), Surface::kFlat, Role::kAccent)}};
}

Silhouette shirt(Random& random) {
  const double sleeve = random.uniform(0.0, 0.25), w = random.uniform(0.48, 0.56);
  return {"shirt",
          {body({{-0.22, -0.8},
                 {0.22, -0.8},
                 {w, -0.68},
                 {0.98, -0.1 + sleeve},
                 {0.74, 0.05 + sleeve},
                 {w, -0.25},
                 {w + 0.02, 0.85},
                 {-w - 0.02, 0.85},
                 {-w, -0.25},
                 {-0.74, 0.05 + sleeve},
                 {-0.98, -0.1 + sleeve},
                 {-w, -0.68}},
                Surface::kSoft),
           part(ellipse({0, -0.8}, 0.22, 0.12), Surface::kFlat, Role::kDark),
           part(arc_band({0, -0.8}, 0.26, 0.16, 0.05, 0, pi), Surface::kFlat, Role::kAccent)}};
}

Silhouette backpack(Random& random) {
  const double w = random.uniform(0.5, 0.6), pocket = random.uniform(0.25, 0.4);
  return {"backpack",
          {part(arc_band({0, -0.75}, 0.2, 0.2, 0.06, pi, 2 * pi), Surface::kFlat, Role::kDark),
           part(capsule({-w, -0.3}, {-w - 0.05, 0.6}, 0.09), Surface::kFlat, Role::kDark),
           part(capsule({w, -0.3}, {w + 0.05, 0.6}, 0.09), Surface::kFlat, Role::kDark),
           body(rounded_rectangle(-w, -0.82, w, 0.88, 0.3), Surface::kSoft),
           part(rounded_rectangle(-w * 0.75, pocket, w * 0.75, 0.8, 0.12), Surface::kSoft, Role::kSecond),
           part(rectangle(-w * 0.7, pocket + 0.08, w * 0.7, pocket + 0.12), Surface::kFlat, Role::kAccent)}};
}

Silhouette hat(Random& random) {
  const double crown = random.uniform(0.4, 0.5), brim = random.uniform(0.75, 0.95), h = random.uniform(0.5, 0.75);
  return {
      "hat",
      {part(ellipse({0, 0.35}, brim, 0.22), Surface::kFlat, Role::kSecond, 0.85),
       body(turned({{0.35 - h * 1.3, crown * 0.6}, {0.35 - h * 1.15, crown * 0.9}, {0.38, crown}}), Surface::kCylinder),
       part(trapezoid(0.18, crown * 0.99, 0.38, crown * 1.01), Surface::kCylinder, Role::kAccent)}};
}

Silhouette book(Random& random) {
  const double w = random.uniform(0.5, 0.62), h = random.uniform(0.7, 0.82);
  return {"book",
          {part(rectangle(-w + 0.06, -h + 0.05, w + 0.08, h + 0.06), Surface::kFlat, Role::kSide, 1.2),
           body(rectangle(-w, -h, w, h), Surface::kFlat),
           part(rectangle(-w, -h, -w + 0.12, h), Surface::kFlat, Role::kSecond, 0.9)}};
}

Silhouette clock(Random& random) {
  const double r = random.uniform(0.65, 0.78), a = random.uniform(0, 2 * pi), b = random.uniform(0, 2 * pi);
  const auto hand = [](double angle, double length) {
    return capsule({0, 0}, {length * std::cos(angle), length * std::sin(angle)}, 0.04);
  };
  return {"clock",
          {part(capsule({-r * 0.6, r * 0.7}, {-r * 0.75, r * 1.05}, 0.07), Surface::kFlat, Role::kAccent),
           part(capsule({r * 0.6, r * 0.7}, {r * 0.75, r * 1.05}, 0.07), Surface::kFlat, Role::kAccent),
           part(ellipse({0, 0}, r, r), Surface::kBall, Role::kAccent),
           body(ellipse({0, 0}, r * 0.84, r * 0.84), Surface::kFlat),
           part(hand(a, r * 0.45), Surface::kFlat, Role::kDark), part(hand(b, r * 0.65), Surface::kFlat, Role::kDark)}};
}

}  // namespace

const std::vector<SilhouetteMaker>& flat_silhouettes() {
  static const std::vector<SilhouetteMaker> all = {carton, box,      bag, pouch, shoe, boot,
                                                   shirt,  backpack, hat, book,  clock};
  return all;
}

int silhouette_kinds() { return static_cast<int>(turned_silhouettes().size() + flat_silhouettes().size()); }

Silhouette draw_silhouette(int kind, Random& random) {
  const auto turned_kinds = static_cast<int>(turned_silhouettes().size());
  return kind < turned_kinds ? turned_silhouettes()[kind](random) : flat_silhouettes()[kind - turned_kinds](random);
}

}  // namespace winnow::catalogue
