#pragma once

#include "losses/classification_loss.h"

namespace winnow {

struct NormalizedSoftmaxOptions : Options {
  double scale = 20.0;
  void visit(OptionVisitor& v) override;
};

/// Cross entropy over scaled cosines, without margin: o_j = scale * cos(z, w_j).
/// Source: Wang et al., ACM MM 2017 (NormFace); Zhai and Wu, BMVC 2019. Defaults equal pytorch-metric-learning 2.9
/// (temperature 0.05, weights N(0, 1)).
class NormalizedSoftmax : public ClassificationLoss {
 public:
  NormalizedSoftmax(const NormalizedSoftmaxOptions& options, const LossContext& context)
      : ClassificationLoss("normalized_softmax", ClassHead::Kind::kCosine, options.scale, context) {}

 protected:
  at::Tensor values(const at::Tensor& logits, const LossBatch&, const Targets& targets) override {
    return item_cross_entropy(logits, targets);
  }
};

}  // namespace winnow
