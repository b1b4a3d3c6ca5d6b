#pragma once

#include <ATen/core/Tensor.h>

#include "losses/loss.h"

namespace winnow {

/// Class-balance penalty weight * KL(uniform || mean p), so that self-training does not end in one class.
/// A batch that has fewer than 4 items a class says little about the mean, so p is averaged over as many earlier
/// batches as that takes; the gradient is that of one batch of all those items. Not thread-safe.
/// Source: the penalty of Tanaka et al., CVPR 2018, and Li et al., ICLR 2020 (DivideMix).
class BalanceTerm {
 public:
  BalanceTerm(double weight, const LossContext& context);
  /// Once a step. @param logits  [B, C] with gradient. @return 0-d, undefined when the weight is 0
  at::Tensor term(const at::Tensor& logits);
  LossState state() const { return {{"balance.mean", mean_}, {"balance.batches", batches_}}; }

 private:
  double weight_;
  at::Tensor mean_;     // float64 [C], mean p of earlier batches
  at::Tensor batches_;  // 0-d int64 on the CPU
};

/// Classes that are predicted far more often than they are labelled: nothing may be swapped into them.
/// Both shares carry one count a class extra; predictions are forgotten after about 20 items a class. Not thread-safe.
class ShareGuard {
 public:
  /// @param factor  frozen when predicted share > factor * label share; 0 = never
  ShareGuard(double factor, const LossContext& context);
  void observe(const at::Tensor& labels, const at::Tensor& predicted);
  at::Tensor frozen() const;  ///< bool [C]
  LossState state() const { return {{"share.labels", labels_}, {"share.predicted", predicted_}}; }

 private:
  double factor_;
  at::Tensor labels_, predicted_;  // float64 [C], counts
};

}  // namespace winnow
