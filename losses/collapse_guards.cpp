#include "losses/collapse_guards.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>

namespace winnow {
namespace {

constexpr int64_t kBalanceItems = 4;   // items a class that the mean p is taken over
constexpr double kMemoryItems = 20.0;  // items a class that predicted shares are remembered for

at::TensorOptions doubles(const LossContext& context) { return at::TensorOptions(at::kDouble).device(context.device); }

at::Tensor smoothed_share(const at::Tensor& counts) {
  return (counts + 1) / (counts.sum() + static_cast<double>(counts.size(0)));
}

}  // namespace

BalanceTerm::BalanceTerm(double weight, const LossContext& context)
    : weight_(weight),
      mean_(at::zeros({context.classes}, doubles(context))),
      batches_(at::zeros({}, at::TensorOptions(at::kLong))) {}

at::Tensor BalanceTerm::term(const at::Tensor& logits) {
  if (weight_ == 0) return {};
  const auto size = logits.size(0), classes = logits.size(1);
  const auto window = std::max<int64_t>(1, (kBalanceItems * classes + size - 1) / size);
  const double over = static_cast<double>(std::min(window, batches_.item<int64_t>() + 1));
  // In logarithms, so that a class without any probability still has a gradient.
  const auto batch_log = at::log_softmax(logits, 1).logsumexp(0) - std::log(static_cast<double>(size));
  auto mean_log = batch_log - std::log(over);
  if (over > 1) mean_log = at::logaddexp(mean_log, (mean_.log() + std::log1p(-1 / over)).to(logits.scalar_type()));
  const auto kl = -mean_log.mean() - std::log(static_cast<double>(classes));
  {
    const at::NoGradGuard no_grad;
    mean_.mul_(1 - 1 / over).add_(batch_log.detach().to(at::kDouble).exp(), 1 / over);
    batches_.add_(1);
  }
  return weight_ * (over * kl - (over - 1) * kl.detach());
}

ShareGuard::ShareGuard(double factor, const LossContext& context)
    : factor_(factor),
      labels_(at::zeros({context.classes}, doubles(context))),
      predicted_(at::zeros({context.classes}, doubles(context))) {}

void ShareGuard::observe(const at::Tensor& labels, const at::Tensor& predicted) {
  const auto classes = labels_.size(0);
  const double window = kMemoryItems * static_cast<double>(classes);
  labels_.add_(at::bincount(labels, {}, classes));
  predicted_.mul_(std::exp(-static_cast<double>(labels.size(0)) / window)).add_(at::bincount(predicted, {}, classes));
}

at::Tensor ShareGuard::frozen() const {
  if (factor_ == 0) return at::zeros_like(labels_, labels_.options().dtype(at::kBool));
  return smoothed_share(predicted_) > factor_ * smoothed_share(labels_);
}

}  // namespace winnow
