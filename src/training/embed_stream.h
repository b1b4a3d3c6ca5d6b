#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <memory>

#include "data/loader.h"
#include "retrieval/postprocess/whitening.h"
#include "src/models/model.h"
#include "src/training/step.h"

namespace winnow {

struct StreamOptions {
  Compute compute;
  bool flip = false;                           ///< mean with the mirrored picture
  std::vector<double> further_scales;          ///< mean with the picture at these sizes too (multi_scale.h)
  bool raw = false;                            ///< as the network gives them, not of unit length (then without flip)
  std::shared_ptr<const Whitening> whitening;  ///< last of all; null = none (not with raw)
  int workers = 0;  ///< batches in flight on a CPU, each on its share of the threads; 0 = by thread_count()
};

/// Pictures a loader batch should have so that about `pictures` are in flight over all workers.
int64_t batch_per_worker(int64_t pictures, const StreamOptions& options);

/// Unit vectors of a batch (unless options.raw). @param network eval mode @return float [B, D] on the CPU, contiguous
at::Tensor embed_batch(EmbeddingModel& network, const ImageBatch& batch, const StreamOptions& options);

/// Runs a started loader to its end through the network. On a CPU several batches are in flight, each on its own
/// threads: decode threads and the network then never wait for each other inside one operation, which costs more than
/// the parallelism inside a batch gains.
/// @param sink  gets each batch (without pixels) and float [B, D], in loader order, one call at a time
/// @throws Error(kInterrupted) after Ctrl-C; whatever loader, network or sink throw
void embed_stream(Loader& loader, EmbeddingModel& network, const StreamOptions& options,
                  const std::function<void(const ImageBatch&, const at::Tensor&)>& sink);

}  // namespace winnow
