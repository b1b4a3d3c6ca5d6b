#include "losses/combined_margin.h"

#include <ATen/ATen.h>

#include <cmath>

namespace winnow {

void CombinedMarginOptions::visit(OptionVisitor& v) {
  v.number("m1", m1, 0.1, 4.0, "factor on the angle");
  v.number("m2", m2, 0.0, 1.5, "added to the angle, radians");
  v.number("m3", m3, 0.0, 2.0, "taken off the cosine");
  MarginOptions::visit(v);
}

void CombinedMargin::begin(const LossBatch& batch, const at::Tensor&) {
  const double share = ramp(batch);
  m1_ = 1 + share * (options_.m1 - 1);
  m2_ = share * options_.m2;
  m3_ = share * options_.m3;
}

at::Tensor CombinedMargin::target_cosine(const at::Tensor& cosine, const at::Tensor&) const {
  if (m1_ == 1) {
    // No acos is needed; the guard of add_angle is not ours, so it is written out.
    const auto turned = cosine <= -std::cos(m2_);
    return at::where(turned, cosine + (std::cos(m2_) - 1), add_angle(cosine, m2_, false)) - m3_;
  }
  const auto theta = cosine.clamp(-1 + 1e-6, 1 - 1e-6).acos();
  const double turn = std::cos((M_PI - m2_) / m1_);  // cosine at which the angle reaches pi
  const auto beyond = (m1_ * theta + m2_).detach() >= M_PI;
  return at::where(beyond, cosine - turn - 1, (m1_ * theta + m2_).cos()) - m3_;
}

}  // namespace winnow
