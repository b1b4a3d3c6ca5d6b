#pragma once

#include <string>

#include "losses/classification_loss.h"

namespace winnow {

struct ArcFaceOptions : Options {
  double margin = 0.5, scale = 64.0;
  std::string grad = "exact";
  bool guard = true;
  double margin_ramp = 0.0;
  void visit(OptionVisitor& v) override;
};

/// Cosine head with an additive angular margin on the target:
///   psi = cos(theta + m), with the guard cos(theta) - m sin(m) where theta > pi - m.
/// exact: the derivative of psi; straight_through: d psi / d cos = 1, as arcface_torch since 2022-12.
/// A soft target q gives sum_k q_k loss(k), the expectation over labels drawn from q.
/// Source: Deng et al., CVPR 2019, eq. 3. Defaults as pytorch-metric-learning 2.9 (28.6 degrees = 0.4992, scale 64).
class ArcFace : public ClassificationLoss {
 public:
  ArcFace(const ArcFaceOptions& options, const LossContext& context)
      : ClassificationLoss("arcface", ClassHead::Kind::kCosine, options.scale, context), options_(options) {}

 protected:
  at::Tensor values(const at::Tensor& logits, const LossBatch& batch, const Targets& targets) override;

 private:
  at::Tensor margin_cosine(const at::Tensor& cosine, double margin) const;
  ArcFaceOptions options_;
};

}  // namespace winnow
