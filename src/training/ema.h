#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <vector>

#include "src/models/model.h"
#include "src/models/safetensors.h"

namespace winnow {

/// Moving average of a model's weights and batch-norm statistics: a = d a + (1 - d) w after each optimizer step, with
/// d = min(decay, (1 + n) / (10 + n)) at update n, so that a short run does not average in its random start.
/// Integer buffers are copied. Not thread-safe.
class WeightEma {
 public:
  /// @param model  must outlive this and keep its tensors (no to() afterwards). @param decay in (0, 1)
  WeightEma(EmbeddingModel& model, double decay);

  void update();
  /// The averaged model, in eval mode.
  EmbeddingModel& model() { return *average_; }

  NamedTensors state();
  void load_state(const NamedTensors& state);

 private:
  double decay_;
  std::unique_ptr<EmbeddingModel> average_;
  std::vector<at::Tensor> averaged_, source_, copied_to_, copied_from_;
  at::Tensor updates_;  ///< int64 []
};

}  // namespace winnow
