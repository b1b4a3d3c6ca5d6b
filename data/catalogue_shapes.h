#pragma once

#include <string>
#include <vector>

#include "data/catalogue_canvas.h"
#include "src/core/random.h"

namespace winnow::catalogue {

/// How light falls on a part.
enum class Surface { kFlat, kCylinder, kBall, kSoft };
/// Which colour of the product a part has.
enum class Role { kBody, kSecond, kAccent, kDark, kSide };

/// A part of a product; outline in the product's frame, -1..1 with y down.
struct Part {
  Polygon outline;
  Surface surface = Surface::kFlat;
  Role role = Role::kBody;
  bool labelled = false;
  double brightness = 1;
};

struct Silhouette {
  std::string name;         ///< "bottle"
  std::vector<Part> parts;  ///< back to front
};

int silhouette_kinds();
/// Member of a kind with its own proportions. @param kind  0..silhouette_kinds()-1
Silhouette draw_silhouette(int kind, Random& random);

/// Half-width of a turned object at a height.
struct Ring {
  double y, r;
};
/// Symmetric outline through the rings from top to bottom, with smooth flanks.
Polygon turned(const std::vector<Ring>& rings);
Polygon trapezoid(double y0, double r0, double y1, double r1);
/// Part of an elliptic ring, angles in radians (0 = right, pi / 2 = down).
Polygon arc_band(Point center, double rx, double ry, double thickness, double from, double to);
/// Closed smooth curve through the points (Catmull-Rom).
Polygon smooth_outline(const std::vector<Point>& points);
Polygon shifted(Polygon polygon, double dx, double dy);
Polygon ellipse(Point center, double rx, double ry);
Polygon rectangle(double x0, double y0, double x1, double y1);
Polygon rounded_rectangle(double x0, double y0, double x1, double y1, double radius);
/// A thick line with round ends.
Polygon capsule(Point from, Point to, double radius);

using SilhouetteMaker = Silhouette (*)(Random&);
/// Bottles, cans, mugs, lamps and the like.
const std::vector<SilhouetteMaker>& turned_silhouettes();
/// Boxes, bags, shoes, shirts and the like.
const std::vector<SilhouetteMaker>& flat_silhouettes();

}  // namespace winnow::catalogue
