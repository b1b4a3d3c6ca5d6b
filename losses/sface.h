#pragma once

#include "losses/margin_head.h"

namespace winnow {

struct SFaceOptions : Options {
  double scale = 64.0, slope = 80.0, pull_angle = 0.8, push_angle = 1.23;
  void visit(OptionVisitor& v) override;
};

/// No softmax: sigmoid gates on the gradient decide how hard a picture is pulled to its class and pushed from others,
///   -s g(slope (theta_y - pull_angle)) cos_y + s sum_{j != y} g(slope (push_angle - theta_j)) cos_j,
/// g the logistic function of detached angles. A picture nearer than pull_angle is no longer pulled, and a wrong label
/// has a bounded pull. Source: Zhong et al., TIP 2021 (CASIA: pull 0.87, push 1.20).
class SFace : public ClassificationLoss {
 public:
  SFace(const SFaceOptions& options, const LossContext& context)
      : ClassificationLoss("sface", ClassHead::Kind::kCosine, options.scale, context), options_(options) {}
  bool robust() const override { return true; }

 protected:
  at::Tensor values(const at::Tensor& logits, const LossBatch& batch, const Targets& targets) override;

 private:
  SFaceOptions options_;
};

}  // namespace winnow
