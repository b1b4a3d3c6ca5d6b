#pragma once

#include "losses/item_memory.h"
#include "src/core/files.h"
#include "src/training/training_data.h"

namespace winnow {

/// What the network has said of each training picture, for finding wrong labels afterwards: a moving average of its
/// class probabilities over about a third of the training, so that neither the first epochs nor what it learnt by heart
/// in the last one decides. An average over epochs ranks wrong labels better than the last network does
/// (docs/results.md, CIFAR-10N); after Pleiss et al.: Identifying Mislabeled Data using the Area Under the Margin
/// Ranking, NeurIPS 2020. Memory N C floats up to 64 MiB, above that the 5 largest entries a picture. Not thread-safe.
class TrainingDynamics {
 public:
  explicit TrainingDynamics(const LossContext& context);
  /// @param logits  float [B, C], margin-free class scores of the pictures as they are (not of mixtures), detached
  void observe(const LossBatch& batch, const at::Tensor& logits);
  /// RUN/dynamics.csv: row,path,label,own,other,other_share,squares in order of the manifest: average probability of
  /// the given label, the most probable other class, its probability, and the sum of squares of all; empty for a
  /// picture that was never seen. Atomic. @throws Error(kDevice)
  void write(const fs::path& file, const TrainingData& data) const;
  LossState state() const { return memory_.state(); }

 private:
  PredictionMemory memory_;
};

}  // namespace winnow
