#pragma once

#include "losses/margin_head.h"

namespace winnow {

struct CombinedMarginOptions : MarginOptions {
  double m1 = 1.0, m2 = 0.3, m3 = 0.2;
  void visit(OptionVisitor& v) override;
};

/// Cosine head with all three margins: psi = cos(m1 theta + m2) - m3; beyond m1 theta + m2 = pi, where it would turn
/// upward, it goes on as cos(theta) + const. margin_ramp takes m1 from 1 and m2, m3 from 0.
/// Source: Deng et al., TPAMI 2021 (CM1: 1, 0.3, 0.2; CM2: 0.9, 0.4, 0.15).
class CombinedMargin : public MarginHead {
 public:
  CombinedMargin(const CombinedMarginOptions& options, const LossContext& context)
      : MarginHead("combined_margin", options, context), options_(options) {}

 protected:
  void begin(const LossBatch& batch, const at::Tensor&) override;
  at::Tensor target_cosine(const at::Tensor& cosine, const at::Tensor&) const override;

 private:
  CombinedMarginOptions options_;
  double m1_ = 1, m2_ = 0, m3_ = 0;
};

}  // namespace winnow
