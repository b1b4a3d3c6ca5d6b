#include <numbers>

#include "data/catalogue_shapes.h"

namespace winnow::catalogue {
namespace {

using std::numbers::pi;

Part body(Polygon outline, Surface surface = Surface::kCylinder) {
  return {std::move(outline), surface, Role::kBody, true};
}

Part part(Polygon outline, Surface surface, Role role, double brightness = 1) {
  return {std::move(outline), surface, role, false, brightness};
}

Silhouette bottle(Random& random) {
  const double r = random.uniform(0.3, 0.42), neck = r * random.uniform(0.3, 0.5);
  const double shoulder = random.uniform(-0.45, -0.2);
  return {"bottle",
          {body(turned({{-0.85, neck}, {shoulder - 0.2, neck}, {shoulder + 0.1, r}, {0.85, r}, {0.93, r * 0.92}})),
           part(rectangle(-neck * 1.15, -0.97, neck * 1.15, -0.79), Surface::kCylinder, Role::kAccent)}};
}

Silhouette flask(Random& random) {
  const double r = random.uniform(0.45, 0.6), neck = random.uniform(0.12, 0.2);
  return {"flask",
          {body(turned({{-0.7, neck}, {-0.45, neck}, {0.1, r}, {0.55, r}, {0.85, r * 0.8}})),
           part(rounded_rectangle(-neck * 1.3, -0.92, neck * 1.3, -0.66, 0.05), Surface::kCylinder, Role::kAccent)}};
}

Silhouette can(Random& random) {
  const double r = random.uniform(0.4, 0.52), h = random.uniform(0.65, 0.85);
  return {"can",
          {body(turned({{-h, r * 0.86}, {-h + 0.08, r}, {h - 0.08, r}, {h, r * 0.86}})),
           part(ellipse({0, -h}, r * 0.86, 0.09), Surface::kFlat, Role::kSecond, 1.1),
           part(ellipse({0, -h + 0.01}, r * 0.7, 0.06), Surface::kFlat, Role::kSecond, 0.75)}};
}

Silhouette jar(Random& random) {
  const double r = random.uniform(0.48, 0.62), h = random.uniform(0.6, 0.75), lid = r * random.uniform(0.78, 0.98);
  return {"jar",
          {body(turned({{-h, lid * 0.95}, {-h + 0.2, r}, {h - 0.1, r}, {h, r * 0.9}})),
           part(rounded_rectangle(-lid, -h - 0.22, lid, -h + 0.06, 0.04), Surface::kCylinder, Role::kAccent)}};
}

Silhouette tube(Random& random) {
  const double wide = random.uniform(0.36, 0.46), narrow = wide * random.uniform(0.6, 0.8);
  return {"tube",
          {body(trapezoid(-0.92, wide, 0.6, narrow)),
           part(rectangle(-wide, -0.95, wide, -0.8), Surface::kFlat, Role::kSecond),
           part(rounded_rectangle(-narrow * 0.8, 0.58, narrow * 0.8, 0.92, 0.05), Surface::kCylinder, Role::kAccent)}};
}

Silhouette cup(Random& random) {
  const double top = random.uniform(0.5, 0.6), bottom = top * random.uniform(0.6, 0.8);
  return {"cup",
          {body(trapezoid(-0.6, top, 0.85, bottom)),
           part(rounded_rectangle(-top * 1.1, -0.74, top * 1.1, -0.56, 0.06), Surface::kCylinder, Role::kAccent),
           part(trapezoid(-0.86, top * 0.8, -0.74, top * 0.95), Surface::kCylinder, Role::kAccent, 0.9)}};
}

Silhouette mug(Random& random) {
  const double r = random.uniform(0.45, 0.55), h = random.uniform(0.5, 0.65), taper = random.uniform(0.85, 1.05);
  return {"mug",
          {part(arc_band({r - 0.2, 0}, 0.42, h * 0.68, 0.12, -pi / 2, pi / 2), Surface::kFlat, Role::kSecond, 0.9),
           body(shifted(turned({{-h, r}, {h - 0.15, r * taper}, {h, r * taper * 0.9}}), -0.2, 0)),
           part(ellipse({-0.2, -h}, r, 0.1), Surface::kFlat, Role::kSecond, 1.05),
           part(ellipse({-0.2, -h + 0.015}, r * 0.9, 0.075), Surface::kFlat, Role::kDark)}};
}

Silhouette vase(Random& random) {
  const double belly = random.uniform(0.42, 0.6), neck = random.uniform(0.14, 0.26), foot = random.uniform(0.2, 0.35);
  return {"vase",
          {part(ellipse({0, -0.85}, neck * 1.5, 0.06), Surface::kFlat, Role::kDark),
           body(turned({{-0.85, neck * 1.5}, {-0.6, neck}, {0.1, belly}, {0.75, foot}, {0.88, foot * 1.15}}))}};
}

Silhouette lamp(Random& random) {
  const double top = random.uniform(0.2, 0.4), bottom = random.uniform(0.55, 0.75), foot = random.uniform(0.28, 0.42);
  return {"lamp",
          {part(rectangle(-0.05, -0.1, 0.05, 0.8), Surface::kCylinder, Role::kAccent),
           part(turned({{0.3, 0.05}, {0.55, 0.16}, {0.8, 0.06}}), Surface::kCylinder, Role::kSecond),
           part(turned({{0.78, 0.06}, {0.84, foot}, {0.92, foot}}), Surface::kCylinder, Role::kAccent),
           body(trapezoid(-0.88, top, 0.1, bottom))}};
}

Silhouette spray(Random& random) {
  const double r = random.uniform(0.34, 0.45), shoulder = random.uniform(-0.35, -0.15);
  const Polygon head = {{-0.5, -0.92},    {0.22, -0.95},     {0.3, -0.7},    {0.12, -0.66},
                        {0.12, shoulder}, {-0.12, shoulder}, {-0.12, -0.68}, {-0.24, -0.68},
                        {-0.34, -0.4},    {-0.42, -0.42},    {-0.34, -0.72}, {-0.5, -0.76}};
  return {"spray",
          {body(turned({{shoulder - 0.05, 0.14}, {shoulder + 0.25, r}, {0.85, r}, {0.93, r * 0.92}})),
           part(head, Surface::kFlat, Role::kAccent)}};
}

Silhouette kettle(Random& random) {
  const double r = random.uniform(0.5, 0.6), top = random.uniform(-0.45, -0.35);
  return {
      "kettle",
      {part(smooth_outline({{-0.45, 0.2}, {-0.85, -0.3}, {-0.95, -0.35}, {-0.9, -0.2}, {-0.5, 0.5}}), Surface::kFlat,
            Role::kSecond, 0.95),
       part(arc_band({0, top}, 0.55, 0.45, 0.1, pi, 2 * pi), Surface::kFlat, Role::kAccent),
       body(turned({{top, 0.26}, {0, r}, {0.55, r}, {0.8, r * 0.75}})),
       part(turned({{top - 0.16, 0.06}, {top - 0.06, 0.22}, {top + 0.03, 0.28}}), Surface::kCylinder, Role::kAccent)}};
}

Silhouette ball(Random& random) {
  const double r = random.uniform(0.65, 0.8);
  return {"ball", {body(ellipse({0, 0}, r, r), Surface::kBall)}};
}

}  // namespace

const std::vector<SilhouetteMaker>& turned_silhouettes() {
  static const std::vector<SilhouetteMaker> all = {bottle, flask, can,  jar,   tube,   cup,
                                                   mug,    vase,  lamp, spray, kettle, ball};
  return all;
}

}  // namespace winnow::catalogue
