#pragma once

#include "data/catalogue_design.h"

namespace winnow::catalogue {

/// The light of one photograph.
struct Light {
  double x = -0.4, y = -0.5, z = 0.76;  ///< unit direction towards the light; y down, z towards the camera
  double ambient = 0.5, diffuse = 0.6;
};

/// The pose of one photograph: product frame to canvas samples.
struct Pose {
  Homography map;
  double yaw = 0;  ///< turn of round objects, in label widths
};

Light draw_light(Random& random);
/// @param scale  half height of the product, in canvas sides
Pose draw_pose(int side, Point center, double scale, double largest_turn, Random& random);

void paint_background(Canvas& canvas, Random& random);
void paint_product(Canvas& canvas, const Design& design, const Pose& pose, const Light& light);
/// A soft dark patch where the product stands.
void paint_shadow(Canvas& canvas, const Pose& pose, Random& random);
/// Fingers, bars, tags and foreign things in front of the product.
void paint_occluders(Canvas& canvas, Random& random);

/// Exposure, colour cast, a gradient of light, blur and sensor noise.
Image develop(const Canvas& canvas, Random& random);

}  // namespace winnow::catalogue
