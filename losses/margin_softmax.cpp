#include "losses/margin_softmax.h"

#include <ATen/ATen.h>

namespace winnow {
namespace {

constexpr double kAbsent = -1e30;  // a score that takes no part; finite, so that its gradient is 0 and not NaN

}  // namespace

// Taking e^{o_k} out of the full sum cancels only for the largest score, whose
// sum is therefore made anew.
at::Tensor log_sum_of_others(const at::Tensor& logits) {
  const auto largest = logits.detach().argmax(1, true);
  const auto is_largest = at::zeros_like(logits, logits.options().dtype(at::kBool)).scatter(1, largest, true);
  const auto all = logits.logsumexp(1, true);
  const auto share = (logits - all).exp().masked_fill(is_largest, 0.0);
  const auto without_largest = logits.masked_fill(is_largest, kAbsent).logsumexp(1, true);
  return at::where(is_largest, without_largest, all + at::log1p(-share));
}

at::Tensor expected_margin_softmax(const at::Tensor& logits, const at::Tensor& margin, const at::Tensor& soft) {
  const auto loss = -at::log_sigmoid(margin - log_sum_of_others(logits));
  return (soft.to(loss.scalar_type()) * loss).sum(1);
}

at::Tensor label_margin_softmax(const at::Tensor& logits, const at::Tensor& margin, const at::Tensor& labels) {
  const auto at_label = labels.unsqueeze(1);
  const auto log_p = at::log_softmax(logits.scatter(1, at_label, margin.unsqueeze(1)), 1);
  return -log_p.gather(1, at_label).squeeze(1);
}

}  // namespace winnow
