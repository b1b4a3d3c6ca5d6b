#pragma once

#include <string>

#include "data/catalogue_marks.h"
#include "data/catalogue_shapes.h"

namespace winnow::catalogue {

/// What every photograph of a class has in common. Classes come in brand lines of kLineSize that share silhouette and
/// base colours and differ in print: word, logo, label, texture.
struct Design {
  Silhouette silhouette;
  Texture texture;  ///< of the body
  Label label;
  Color body, second, accent;
  double gloss = 0.3;  ///< strength of the highlight, 0..1
  bool metal = false, fabric = false;
  std::string name;  ///< "bottle-zumo-017", unique among class ids
};

constexpr int64_t kLineSize = 3;

/// A pure function of its arguments.
Design design_product(uint64_t seed, int64_t class_id);

}  // namespace winnow::catalogue
