#include "losses/classification_loss.h"

#include <ATen/ATen.h>

namespace winnow {

LossResult ClassificationLoss::forward(const LossBatch& batch, const Targets& targets) {
  check_batch(name_, batch, head_.classes(), head_.dim());
  check_targets(name_, targets, batch.z.size(0), head_.classes());
  const auto scores = head_.take(batch);
  LossResult result;
  LossItems items;
  items.values = values(scores, batch, targets);
  result.items.push_back(std::move(items));
  if (const auto term = penalty(); term.defined()) {
    LossItems extra;
    extra.kind = ItemKind::kReduced;
    extra.values = term;
    result.items.push_back(std::move(extra));
  }
  const auto hit = scores.detach().argmax(1).eq(batch.labels);
  result.log["accuracy_on_given"] = hit.to(at::kDouble).mean().item<double>();
  return result;
}

at::Tensor ClassificationLoss::logits(const LossBatch& batch) {
  check_batch(name_, batch, head_.classes(), head_.dim());
  return head_.logits(batch);
}

at::Tensor item_cross_entropy(const at::Tensor& logits, const Targets& targets) {
  const auto log_p = at::log_softmax(logits, 1);
  if (targets.soft.defined()) return -(targets.soft.to(log_p.scalar_type()) * log_p).sum(1);
  return -log_p.gather(1, targets.labels.unsqueeze(1)).squeeze(1);
}

}  // namespace winnow
