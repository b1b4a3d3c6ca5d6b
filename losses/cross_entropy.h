#pragma once

#include "losses/classification_loss.h"

namespace winnow {

struct CrossEntropyOptions : Options {
  double label_smoothing = 0.0;
  void visit(OptionVisitor& v) override;
};

/// Softmax cross entropy over a linear head on the raw embedding: (1 - r) CE + r mean_k(-log p_k).
/// Source: Szegedy et al., CVPR 2016 (smoothing).
class CrossEntropy : public ClassificationLoss {
 public:
  CrossEntropy(const CrossEntropyOptions& options, const LossContext& context)
      : ClassificationLoss("cross_entropy", ClassHead::Kind::kLinear, 1.0, context),
        smoothing_(options.label_smoothing) {}

 protected:
  at::Tensor values(const at::Tensor& logits, const LossBatch& batch, const Targets& targets) override;

 private:
  double smoothing_;
};

}  // namespace winnow
