#include "losses/curricularface.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

namespace winnow {

void CurricularFaceOptions::visit(OptionVisitor& v) {
  v.number("margin", margin, 0.0, 1.5, "angular margin in radians");
  v.number("average", average, 1e-4, 1.0, "share of a batch in the running mean of the target's cosine");
  MarginOptions::visit(v);
}

CurricularFace::CurricularFace(const CurricularFaceOptions& options, const LossContext& context)
    : MarginHead("curricularface", options, context), options_(options) {
  t_ = at::zeros({}, at::TensorOptions(at::kDouble));
}

void CurricularFace::begin(const LossBatch& batch, const at::Tensor& cosine) {
  const auto own = cosine.gather(1, batch.labels.unsqueeze(1)).mean().to(at::kCPU, at::kDouble);
  pending_ = options_.average * own + (1 - options_.average) * t_;
  t_now_ = pending_.item<double>();
  margin_ = options_.margin * ramp(batch);
}

at::Tensor CurricularFace::target_cosine(const at::Tensor& cosine, const at::Tensor&) const {
  return add_angle(cosine, margin_, true);
}

at::Tensor CurricularFace::other_cosines(const at::Tensor& cosine, const at::Tensor& psi) const {
  const auto plain = MarginHead::other_cosines(cosine, psi);
  const auto hard = plain.detach() > psi.detach().unsqueeze(1);
  return at::where(hard, plain * (t_now_ + plain), plain);
}

void CurricularFace::after_step(const LossBatch&, const Targets&) {
  if (!pending_.defined()) return;
  const at::NoGradGuard no_grad;
  t_.copy_(pending_);
  pending_ = at::Tensor();
}

}  // namespace winnow
