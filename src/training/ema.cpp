#include "src/training/ema.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/_foreach_lerp.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

#include "src/training/optimizer.h"

namespace winnow {

WeightEma::WeightEma(EmbeddingModel& model, double decay)
    : decay_(decay), average_(model.clone()), updates_(at::zeros({}, at::kLong)) {
  average_->train(false);
  const auto to = average_->state();
  const auto from = model.state();
  for (size_t i = 0; i < to.size(); ++i) {
    at::Tensor(to[i].second).set_requires_grad(false);
    const bool floating = to[i].second.is_floating_point();
    (floating ? averaged_ : copied_to_).push_back(to[i].second);
    (floating ? source_ : copied_from_).push_back(from[i].second);
  }
}

void WeightEma::update() {
  const at::NoGradGuard no_grad;
  const auto n = static_cast<double>(updates_.item<int64_t>());
  updates_.add_(1);
  const double decay = std::min(decay_, (1.0 + n) / (10.0 + n));
  at::_foreach_lerp_(averaged_, source_, 1.0 - decay);
  for (size_t i = 0; i < copied_to_.size(); ++i) copied_to_[i].copy_(copied_from_[i]);
}

NamedTensors WeightEma::state() {
  NamedTensors out = average_->state();
  out.emplace_back("updates", updates_);
  return out;
}

void WeightEma::load_state(const NamedTensors& saved) { restore_tensors("ema", state(), saved); }

}  // namespace winnow
