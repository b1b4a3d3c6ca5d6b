#include "losses/snr_contrastive.h"

#include <ATen/ATen.h>

namespace winnow {

void SnrContrastiveOptions::visit(OptionVisitor& v) {
  v.number("pos_margin", pos_margin, 0.0, 10.0, "ratio that positives may keep");
  v.number("neg_margin", neg_margin, 0.0, 10.0, "ratio that negatives should have");
  visit_memory(v);
  PairOptions::visit(v);
}

void SnrContrastive::add_items(const PairView& view, LossResult& result) {
  // D var(x - y) = |x - y|^2 - D (mean x - mean y)^2, without a B x N x D tensor. The factor cancels in the ratio.
  const double dim = static_cast<double>(view.z.size(1));
  const auto centred = view.z - view.z.mean(1, true), others = view.partners - view.partners.mean(1, true);
  const auto signal = centred.square().sum(1, true).clamp_min(1e-12 * dim);
  const auto noise = signal + others.square().sum(1).unsqueeze(0) - 2 * at::mm(centred, others.t());
  const auto ratio = noise.clamp_min(0.0) / signal;
  const auto add = [&](ItemKind kind, const at::Tensor& mask, const at::Tensor& values) {
    result.items.push_back(pair_items(view, kind, mask, values.masked_select(mask)));
  };
  add(ItemKind::kPositivePair, view.positive, (ratio - options_.pos_margin).relu());
  add(ItemKind::kNegativePair, view.negative, (options_.neg_margin - ratio).relu());
}

}  // namespace winnow
