#include "losses/small_loss.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>

#include "losses/given.h"
#include "losses/shapes.h"
#include "src/core/error.h"

namespace winnow {

void SmallLossOptions::visit(OptionVisitor& v) {
  v.number("rate", rate, -1.0, 0.99, "share of wrong labels; -1 = as the trust estimator finds it");
  v.number("ramp", ramp, 0.0, 1.0, "share of training over which the dropped share grows from 0");
}

Targets SmallLoss::apply(const LossBatch& batch, const Verdict& verdict, const at::Tensor& logits, Random&) {
  const at::NoGradGuard no_grad;
  check_batch("small_loss", batch, 0, 0);
  require_classifier("small_loss", logits.defined());
  const auto size = batch.labels.size(0);
  require_shape("small_loss", "logits", logits, logits.scalar_type(), {size, logits.size(1)});
  const double rate = options_.rate >= 0 ? options_.rate : std::max(0.0, verdict.rate_estimate);
  const double now = rate * (options_.ramp > 0 ? std::min(1.0, batch.progress / options_.ramp) : 1.0);
  const auto keep = std::max<int64_t>(1, std::llround((1 - now) * static_cast<double>(size)));
  const auto loss = -logits.log_softmax(1).gather(1, batch.labels.unsqueeze(1)).squeeze(1);
  const auto kept = loss <= std::get<0>(loss.kthvalue(keep));
  // The rate went into the choice; what is kept counts whole.
  Verdict open;
  open.in_set = verdict.in_set;
  Targets targets{batch.labels, {}, verdict_weights(batch, options_.rate >= 0 ? verdict : open)};
  targets.trust = targets.trust * kept.to(targets.trust.scalar_type());
  log_["dropped"] = 1 - kept.to(at::kDouble).mean().item<double>();
  return targets;
}

}  // namespace winnow
