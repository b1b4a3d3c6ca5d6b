#include "losses/formula_loss.h"

#include <ATen/ATen.h>

namespace winnow {

void HeadOptions::visit(OptionVisitor& v) {
  v.choice("head", head, {"cosine", "linear"}, "class scores: scaled cosines of z, or W f + b on the raw embedding");
  v.number("scale", scale, 0.01, 1000.0, "head: cosine, factor on the cosines");
  v.number("logit_clip", logit_clip, 0.0, 1e6, "longest vector of scores, longer ones are shortened; 0 = off");
}

at::Tensor complement(const at::Tensor& log_p) { return -at::expm1(log_p); }

at::Tensor clip_logits(const at::Tensor& logits, double norm) {
  const auto length = logits.norm(2, 1, true);
  return at::where(length > norm, logits * (norm / length.clamp_min(norm)), logits);
}

at::Tensor ProbabilityLoss::values(const at::Tensor& logits, const LossBatch& batch, const Targets& targets) {
  const auto log_p = at::log_softmax(clip_ > 0 ? clip_logits(logits, clip_) : logits, 1);
  const auto labels = targets.soft.defined() ? at::Tensor() : targets.labels.unsqueeze(1);
  const auto loss = of_labels({log_p, labels, batch, targets.trust, context_});
  if (!targets.soft.defined()) return loss.squeeze(1);
  return (targets.soft.to(log_p.scalar_type()) * loss).sum(1);
}

}  // namespace winnow
