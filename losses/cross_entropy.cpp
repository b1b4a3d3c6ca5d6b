#include "losses/cross_entropy.h"

#include <ATen/ATen.h>

namespace winnow {

void CrossEntropyOptions::visit(OptionVisitor& v) {
  v.number("label_smoothing", label_smoothing, 0.0, 1.0, "share of the target spread evenly over all classes");
}

at::Tensor CrossEntropy::values(const at::Tensor& logits, const LossBatch&, const Targets& targets) {
  const auto plain = item_cross_entropy(logits, targets);
  if (smoothing_ == 0) return plain;
  return (1 - smoothing_) * plain - smoothing_ * at::log_softmax(logits, 1).mean(1);
}

}  // namespace winnow
