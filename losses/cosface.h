#pragma once

#include "losses/margin_head.h"

namespace winnow {

struct CosFaceOptions : MarginOptions {
  double margin = 0.35;
  void visit(OptionVisitor& v) override;
};

/// Cosine head with an additive margin on the target's cosine: psi = cos(theta) - m.
/// Source: Wang et al., CVPR 2018 (also AM-Softmax). Defaults as pytorch-metric-learning 2.9.
class CosFace : public MarginHead {
 public:
  CosFace(const CosFaceOptions& options, const LossContext& context)
      : MarginHead("cosface", options, context), options_(options) {}

 protected:
  void begin(const LossBatch& batch, const at::Tensor&) override { margin_ = options_.margin * ramp(batch); }
  at::Tensor target_cosine(const at::Tensor& cosine, const at::Tensor&) const override;

 private:
  CosFaceOptions options_;
  double margin_ = 0;
};

}  // namespace winnow
