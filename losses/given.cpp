#include "losses/given.h"

#include <ATen/ATen.h>

namespace winnow {

at::Tensor verdict_weights(const LossBatch& batch, const Verdict& verdict) {
  const auto dtype = batch.z.scalar_type();
  auto weights = verdict.trust.defined() ? verdict.trust.detach().to(dtype)
                                         : at::ones({batch.labels.size(0)}, batch.labels.options().dtype(dtype));
  if (verdict.in_set.defined()) weights = weights * verdict.in_set.to(dtype);
  return weights;
}

Targets GivenTargets::apply(const LossBatch& batch, const Verdict& verdict, const at::Tensor&, Random&) {
  check_batch("given", batch, 0, 0);
  Targets targets{batch.labels, {}, verdict_weights(batch, verdict)};
  check_targets("given", targets, batch.z.size(0), 0);
  return targets;
}

}  // namespace winnow
