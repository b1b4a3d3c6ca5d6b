#include "losses/sface.h"

#include <ATen/ATen.h>

namespace winnow {

void SFaceOptions::visit(OptionVisitor& v) {
  v.number("scale", scale, 0.01, 1000.0, "factor on the cosines");
  v.number("slope", slope, 0.1, 1000.0, "of both gates, per radian");
  v.number("pull_angle", pull_angle, 0.0, 3.1416, "angle to its class below which a picture is no longer pulled");
  v.number("push_angle", push_angle, 0.0, 3.1416, "angle to other classes above which it is no longer pushed");
}

at::Tensor SFace::values(const at::Tensor& logits, const LossBatch&, const Targets& targets) {
  const auto theta = (logits.detach() / head().scale()).clamp(-1.0, 1.0).acos();
  const auto pull = (options_.slope * (theta - options_.pull_angle)).sigmoid() * logits;
  const auto push = (options_.slope * (options_.push_angle - theta)).sigmoid() * logits;
  const auto pushed = push.sum(1);
  const auto as_target = pull + push;  // what class k as the target takes off the sum over all classes
  if (targets.soft.defined()) return pushed - (targets.soft.to(logits.scalar_type()) * as_target).sum(1);
  return pushed - as_target.gather(1, targets.labels.unsqueeze(1)).squeeze(1);
}

}  // namespace winnow
