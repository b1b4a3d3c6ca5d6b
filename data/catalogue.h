#pragma once

#include <cstdint>
#include <string>

#include "src/core/files.h"
#include "src/image/image.h"

namespace winnow {

/// The generated catalogue of `winnow demo`: product-like classes drawn by us.
struct CatalogueOptions {
  int64_t classes = 180;          ///< training classes; query/gallery classes come on top
  int64_t held_out_classes = 40;  ///< never trained on: gallery and queries
  int64_t per_class = 12;         ///< training photographs a class
  int64_t gallery_per_class = 5, query_per_class = 3;
  int64_t size = 80;   ///< pixels, 64..96
  double noise = 0.4;  ///< share of training labels replaced by another class (exact)
  uint64_t seed = 7;
};

/// Writes FOLDER/images/{train,gallery,query}/NAME/NN.jpg, train.csv (path,label,true_label), gallery.csv and query.csv
/// (path,label: right labels of the held-out classes); NAME is the true class, as in `bottle-zumo-017`. Deterministic
/// in the options, whatever the thread count. Exactly round(noise * rows) training labels are wrong, each replaced by
/// one of the other training classes with equal chance. The last file written is catalogue.txt (options and digests):
/// with it in place a second call with the same options does nothing; a call with other options replaces the catalogue;
/// an interrupted call is simply done again.
/// @throws Error(kUsage) for options out of range, Error(kDevice) for a full disk or a second writer
void make_catalogue(const fs::path& folder, const CatalogueOptions& options);

/// One photograph of a class: shape, texture, marks and material by class; pose, light, blur, occlusion, clutter by
/// shot. Three classes at a time (3 n, 3 n + 1, 3 n + 2) share silhouette and colours and differ in print and texture.
/// @param size  output height and width, 16..1024
Image draw_product(uint64_t seed, int64_t class_id, int64_t shot, int size);

/// "bottle-zumo-017"; unique among class ids.
std::string product_name(uint64_t seed, int64_t class_id);

}  // namespace winnow
