#include "losses/intra_pair_variance.h"

#include <ATen/ATen.h>

namespace winnow {

void IntraPairVarianceOptions::visit(OptionVisitor& v) {
  v.number("pos_eps", pos_eps, 0.0, 1.0, "share by which positives may fall below their mean");
  v.number("neg_eps", neg_eps, 0.0, 1.0, "share by which negatives may rise above their mean");
  PairOptions::visit(v);
}

void IntraPairVariance::add_items(const PairView& view, LossResult& result) {
  const auto& s = view.similarity;
  auto weight = view.positive.to(s.scalar_type());
  if (view.trust.defined()) {
    const auto trust = view.trust.to(s.scalar_type());
    weight = weight * trust.unsqueeze(1) * trust.unsqueeze(0);
  }
  const auto mean_positive = (weight * s).sum() / weight.sum().clamp_min(1e-12);
  const auto of_negative = view.negative.to(s.scalar_type());
  const auto mean_negative = (of_negative * s).sum() / of_negative.sum().clamp_min(1.0);
  const auto add = [&](ItemKind kind, const at::Tensor& mask, const at::Tensor& excess) {
    result.items.push_back(pair_items(view, kind, mask, excess.relu().square().masked_select(mask)));
  };
  add(ItemKind::kPositivePair, view.positive, (1 - options_.pos_eps) * mean_positive - s);
  add(ItemKind::kNegativePair, view.negative, s - (1 + options_.neg_eps) * mean_negative);
}

}  // namespace winnow
