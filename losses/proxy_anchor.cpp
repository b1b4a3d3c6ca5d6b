#include "losses/proxy_anchor.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "losses/masked.h"

namespace winnow {

void ProxyAnchorOptions::visit(OptionVisitor& v) {
  v.number("margin", margin, -1.0, 1.0,
           "cosine that positives are pulled up to, and negatives pushed under its opposite");
  v.number("alpha", alpha, 0.01, 1000.0, "sharpness of the two soft maxima");
}

LossResult ProxyAnchor::forward(const LossBatch& batch, const Targets& targets) {
  check_batch("proxy_anchor", batch, head_.classes(), head_.dim());
  check_targets("proxy_anchor", targets, batch.z.size(0), head_.classes());
  const auto cosine = head_.take(batch).t();  // [C, B]
  const auto classes = at::arange(head_.classes(), targets.labels.options()).unsqueeze(1);
  const auto own = classes.eq(targets.labels.unsqueeze(0));
  const auto pull = masked_logsumexp(-options_.alpha * (cosine - options_.margin), own, targets.trust);
  const auto push = masked_logsumexp(options_.alpha * (cosine + options_.margin), own.logical_not());
  const auto trusted = targets.trust.defined() ? own.logical_and((targets.trust > 0).unsqueeze(0)) : own;
  const double with_pictures = trusted.any(1).sum().item<double>();
  LossItems items;
  items.kind = ItemKind::kReduced;
  items.values = log_one_plus_exp(pull).sum() / std::max(1.0, with_pictures) +
                 log_one_plus_exp(push).sum() / static_cast<double>(head_.classes());
  LossResult result;
  result.items.push_back(std::move(items));
  result.log["classes_in_batch"] = with_pictures;
  return result;
}

}  // namespace winnow
