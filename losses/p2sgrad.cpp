#include "losses/p2sgrad.h"

#include <ATen/ATen.h>

namespace winnow {

at::Tensor P2sGrad::values(const at::Tensor& cosine, const LossBatch&, const Targets& targets) {
  const auto own = targets.soft.defined() ? (targets.soft.to(cosine.scalar_type()) * cosine).sum(1)
                                          : cosine.gather(1, targets.labels.unsqueeze(1)).squeeze(1);
  return (cosine.square().sum(1) - 2 * own + 1) / static_cast<double>(cosine.size(1));
}

}  // namespace winnow
