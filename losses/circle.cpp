#include "losses/circle.h"

#include <ATen/ATen.h>

#include "losses/masked.h"

namespace winnow {

void CircleOptions::visit(OptionVisitor& v) {
  v.number("margin", margin, 0.0, 1.0, "relaxation m");
  v.number("gamma", gamma, 0.01, 1000.0, "scale; large values break first under wrong labels");
  visit_memory(v);
  PairOptions::visit(v);
}

void Circle::add_items(const PairView& view, LossResult& result) {
  const auto& s = view.similarity;
  const double m = options_.margin, gamma = options_.gamma;
  const auto pull = -gamma * (1 + m - s.detach()).relu() * (s - (1 - m));
  const auto push = gamma * (s.detach() + m).relu() * (s - m);
  const auto& positive = view.positive;
  const auto sum = masked_logsumexp(pull, positive, view.partner_trust) + masked_logsumexp(push, view.negative);
  const auto anchors = has_any(positive).logical_and(has_any(view.negative)).nonzero().squeeze(1);
  result.items.push_back(anchor_items(log_one_plus_exp(sum.index_select(0, anchors)), anchors));
}

}  // namespace winnow
