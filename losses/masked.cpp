#include "losses/masked.h"

#include <ATen/ATen.h>

namespace winnow {

at::Tensor masked_logsumexp(const at::Tensor& x, const at::Tensor& mask, const at::Tensor& weights) {
  auto kept = mask;
  auto scores = x;
  if (weights.defined()) {
    const auto row = weights.detach().to(x.scalar_type()).unsqueeze(0);
    kept = kept.logical_and(row > 0);
    scores = scores + row.clamp_min(1e-30).log();
  }
  return scores.masked_fill(kept.logical_not(), kNothing).logsumexp(1).clamp_min(kNothing);
}

at::Tensor log_one_plus_exp(const at::Tensor& x) { return -at::log_sigmoid(-x); }

at::Tensor unit_distance(const at::Tensor& cosine) { return (2 - 2 * cosine).clamp_min(1e-9).sqrt(); }

at::Tensor sine_of(const at::Tensor& cosine) { return (1 - cosine * cosine).clamp_min(1e-9).sqrt(); }

}  // namespace winnow
