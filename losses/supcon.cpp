#include "losses/supcon.h"

#include <ATen/ATen.h>

#include "losses/masked.h"

namespace winnow {

void SupConOptions::visit(OptionVisitor& v) {
  v.number("temperature", temperature, 1e-3, 10.0, "of the softmax over cosines");
  visit_memory(v);
  PairOptions::visit(v);
}

void SupCon::add_items(const PairView& view, LossResult& result) {
  const auto scores = view.similarity / options_.temperature;
  const auto log_p = scores - masked_logsumexp(scores, view.others).unsqueeze(1);
  auto weights = view.positive.to(scores.scalar_type());
  if (view.partner_trust.defined()) weights = weights * view.partner_trust.to(scores.scalar_type()).unsqueeze(0);
  const auto total = weights.sum(1);
  const auto usable = total > 0;
  // Without this mask a score of the left-out self-pair would still be multiplied by a weight of 0.
  const auto sums = (weights * log_p.masked_fill(view.positive.logical_not(), 0.0)).sum(1);
  const auto anchors = usable.logical_and(view.negative.any()).nonzero().squeeze(1);
  result.items.push_back(anchor_items(-(sums.index_select(0, anchors) / total.index_select(0, anchors)), anchors));
}

}  // namespace winnow
