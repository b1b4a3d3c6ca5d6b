#pragma once

#include "losses/loss.h"

namespace winnow {

/// Uses the given labels. Items weigh what the estimator trusts them; open-set ones 0.
class GivenTargets : public TargetPolicy {
 public:
  GivenTargets(const NoOptions&, const LossContext&) {}
  Targets apply(const LossBatch& batch, const Verdict& verdict, const at::Tensor& logits, Random& random) override;
};

/// The estimator's trust as element weights [B]: 0 for what looks open-set, 1 where nothing is known.
at::Tensor verdict_weights(const LossBatch& batch, const Verdict& verdict);

}  // namespace winnow
