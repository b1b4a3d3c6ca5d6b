#pragma once

#include <string>

#include "losses/margin_head.h"

namespace winnow {

struct ArcFaceOptions : MarginOptions {
  double margin = 0.5;
  std::string grad = "exact";
  bool guard = true;
  void visit(OptionVisitor& v) override;
};

/// Cosine head with an additive angular margin on the target:
///   psi = cos(theta + m), with the guard cos(theta) - m sin(m) where theta > pi - m.
/// exact: the derivative of psi; straight_through: d psi / d cos = 1, as arcface_torch since 2022-12.
/// Source: Deng et al., CVPR 2019, eq. 3. Defaults as pytorch-metric-learning 2.9 (28.6 degrees = 0.4992, scale 64).
class ArcFace : public MarginHead {
 public:
  ArcFace(const ArcFaceOptions& options, const LossContext& context)
      : MarginHead("arcface", options, context), options_(options) {}

 protected:
  void begin(const LossBatch& batch, const at::Tensor&) override { margin_ = options_.margin * ramp(batch); }
  at::Tensor target_cosine(const at::Tensor& cosine, const at::Tensor& items) const override;

 private:
  ArcFaceOptions options_;
  double margin_ = 0;  // in force for the batch at hand
};

}  // namespace winnow
