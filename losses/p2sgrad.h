#pragma once

#include "losses/classification_loss.h"

namespace winnow {

/// Mean squared error of the cosines against 0 and 1: mean_j (cos_j - [j = y])^2. Has no scale and no margin to choose.
/// Source: Zhang et al., CVPR 2019 (the gradient of eq. 11). As pytorch-metric-learning 2.9.
class P2sGrad : public ClassificationLoss {
 public:
  P2sGrad(const NoOptions&, const LossContext& context)
      : ClassificationLoss("p2sgrad", ClassHead::Kind::kCosine, 1.0, context) {}

 protected:
  at::Tensor values(const at::Tensor& cosine, const LossBatch&, const Targets& targets) override;
};

}  // namespace winnow
