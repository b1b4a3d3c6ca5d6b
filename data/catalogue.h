#pragma once

#include <cstdint>

#include "data/dataset.h"

namespace winnow {

/// The generated catalogue of `winnow demo`: product-like classes drawn by us.
struct CatalogueOptions {
  int64_t classes = 180;         ///< training classes; query/gallery classes come on top
  int64_t held_out_classes = 40; ///< never trained on: gallery and queries
  int64_t per_class = 12;        ///< training photographs a class
  int64_t gallery_per_class = 5, query_per_class = 3;
  int64_t size = 80;             ///< pixels, 64..96
  double noise = 0.4;            ///< share of training labels replaced by another class (exact)
  uint64_t seed = 7;
};

/// Writes FOLDER/images/..., train.csv (path,label,true_label), gallery.csv, query.csv; deterministic in the options.
/// A second call with the same options is a no-op (digest file).
void make_catalogue(const fs::path& folder, const CatalogueOptions& options);

/// One photograph of a class: shape, texture, marks and material by class; pose, light, blur, occlusion, clutter by shot.
Image draw_product(uint64_t seed, int64_t class_id, int64_t shot, int size);

}  // namespace winnow
