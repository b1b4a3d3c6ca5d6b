#include "losses/adaface.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cmath>

#include "losses/embedding_norm.h"
#include "losses/masked.h"

namespace winnow {
namespace {

constexpr double kAngleFloor = 1e-3;

}  // namespace

void AdaFaceOptions::visit(OptionVisitor& v) {
  v.number("margin", margin, 0.0, 1.0, "m, of both the angular and the additive part");
  v.number("concentration", concentration, 0.0, 10.0, "h: how soon a norm far from the mean counts as extreme");
  v.number("average", average, 1e-4, 1.0, "share of a batch in the running mean and deviation of the norms");
  MarginOptions::visit(v);
}

AdaFace::AdaFace(const AdaFaceOptions& options, const LossContext& context)
    : MarginHead("adaface", options, context), options_(options) {
  mean_ = at::full({}, 20.0, at::TensorOptions(at::kDouble));  // as the authors start
  std_ = at::full({}, 100.0, at::TensorOptions(at::kDouble));
}

void AdaFace::begin(const LossBatch& batch, const at::Tensor& cosine) {
  const at::NoGradGuard no_grad;
  const auto norms = embedding_norms("adaface", batch, at::kDouble).clamp(1e-3, 100.0);
  const double share = options_.average;
  pending_mean_ = (1 - share) * mean_ + share * norms.mean().to(at::kCPU);
  // One picture has no deviation.
  pending_std_ = norms.size(0) > 1 ? (1 - share) * std_ + share * norms.std().to(at::kCPU) : std_.clone();
  const double mean = pending_mean_.item<double>(), deviation = pending_std_.item<double>();
  const auto quality = (options_.concentration * (norms - mean) / (deviation + 1e-3)).clamp(-1.0, 1.0);
  margin_now_ = options_.margin * ramp(batch);
  margin_ = (margin_now_ * quality).to(cosine.scalar_type());
}

at::Tensor AdaFace::target_cosine(const at::Tensor& cosine, const at::Tensor& items) const {
  const auto shift = column(margin_, items);
  const auto held = cosine.clamp(-1 + 1e-3, 1 - 1e-3);
  const auto angle = held.detach().acos() - shift;
  const auto turned = held * shift.cos() + sine_of(held) * shift.sin();  // cos(theta - m g)
  const auto low = at::full_like(turned, std::cos(kAngleFloor)), high = at::full_like(turned, -std::cos(kAngleFloor));
  const auto psi = at::where(angle < kAngleFloor, low, at::where(angle > M_PI - kAngleFloor, high, turned));
  return psi - (margin_now_ + shift);
}

void AdaFace::after_step(const LossBatch&, const Targets&) {
  if (!pending_mean_.defined()) return;
  mean_.copy_(pending_mean_);
  std_.copy_(pending_std_);
  pending_mean_ = pending_std_ = at::Tensor();
}

}  // namespace winnow
