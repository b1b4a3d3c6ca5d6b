#pragma once

#include <string>
#include <vector>

#include "src/core/random.h"
#include "src/image/image.h"

namespace winnow {

/// Cubuk and others 2020, with torchvision's operations and ranges: identity, shear x/y (0..0.3), translate x/y
/// (0..150/331 of the side), rotate (0..30 degrees), brightness, colour, contrast, sharpness (1 +- 0..0.9), posterize
/// (8..4 bits), solarize (255..0), autocontrast, equalize. Nearest neighbour, black outside.

/// The 14 names, in the order they are drawn from.
const std::vector<std::string>& randaugment_ops();

/// @param op         a name of randaugment_ops()
/// @param magnitude  0..30; 30 is the end of each range. @param negative  other direction, where there is one
/// @throws Error(kUsage) for an unknown name
void apply_randaugment_op(Image& image, const std::string& op, double magnitude, bool negative);

/// `ops` operations drawn with replacement, each with a random direction.
void randaugment(Image& image, int64_t ops, double magnitude, Random& random);

}  // namespace winnow
