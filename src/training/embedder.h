#pragma once

#include <functional>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "retrieval/embeddings.h"
#include "src/models/model.h"

namespace winnow {

struct EmbedOptions {
  int64_t batch = 64;
  std::string device = "auto", precision = "fp32";
  bool flip = false;       ///< mean with the mirrored picture
  int slice = 0, slices = 1;
  double max_bad = 0.001;
};

struct EmbedResult {
  int64_t images = 0;
  std::vector<std::string> bad;
  double seconds = 0, images_per_second = 0, wait_share = 0;
};

/// Embeds a data set with a loaded model into an embeddings folder (unit vectors, ids = manifest rows).
EmbedResult embed_dataset(const Dataset& dataset, LoadedModel& model, const EmbedOptions& options,
                          const fs::path& folder);

/// Unit vectors in memory, float32 [images, D], in order; for validation during training and queries.
std::vector<float> embed_images(EmbeddingModel& model, const Dataset& dataset, const EmbedOptions& options);

/// One picture file -> unit vector of D floats. @throws Error(kNotFound | kData)
std::vector<float> embed_file(EmbeddingModel& model, const fs::path& file);

/// One decoded picture -> unit vector.
std::vector<float> embed_image(EmbeddingModel& model, const Image& image);

}  // namespace winnow
