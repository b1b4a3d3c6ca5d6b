#pragma once

#include <memory>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "retrieval/embeddings.h"
#include "retrieval/postprocess/whitening.h"
#include "src/models/model.h"
#include "src/training/embed_recipe.h"

namespace winnow {

struct EmbedOptions {
  int64_t batch = 64;                               ///< pictures in flight; a CPU splits them over its workers
  std::string device = "auto", precision = "fp32";  ///< precision: fp32, bf16 or auto (the faster by a probe)
  EmbedRecipe recipe;                               ///< what is done beside one plain view
  std::shared_ptr<const Whitening> whitening;       ///< last of all; null = none
  int slice = 0, slices = 1;                        ///< only part `slice` of `slices` parts in manifest order
  std::string dtype = "float32";                    ///< of the file: float32 or float16
  double max_bad = 0.001;                           ///< share of unreadable pictures that is tolerated
  std::string model_path;                           ///< recorded in the card, so that a query finds the model
};

struct EmbedResult {
  int64_t images = 0;
  std::vector<std::string> bad;
  double seconds = 0, images_per_second = 0, wait_share = 0;
};

/// Embeds a data set with a loaded model into an embeddings folder: unit vectors in manifest order, ids = manifest
/// rows, further columns split, source, group (where one is set) and every column of the manifest. The card's `data` is
/// the data set's name; recipe and whitening are recorded (the latter in a file beside it). Nothing is visible before
/// all is done. Unreadable pictures are left out and named in the result. Uses batch-norm-folded weights. @throws
/// Error(kData) above max_bad, Error(kInterrupted) after Ctrl-C
EmbedResult embed_dataset(const Dataset& dataset, LoadedModel& model, const EmbedOptions& options,
                          const fs::path& folder);

/// Unit vectors in memory, float32 [images, D], in order; unreadable pictures are left out.
/// @param model      eval mode, not folded
/// @param positions  receives the index into dataset.items of each row when not null
std::vector<float> embed_images(EmbeddingModel& model, const Dataset& dataset, const EmbedOptions& options,
                                std::vector<int64_t>* positions = nullptr);

/// One decoded picture -> unit vector, by the plain recipe.
std::vector<float> embed_image(EmbeddingModel& model, const Image& image);

}  // namespace winnow
