#include "losses/generalized_lifted.h"

#include <ATen/ATen.h>

#include "losses/masked.h"

namespace winnow {

void GeneralizedLiftedOptions::visit(OptionVisitor& v) {
  v.number("pos_margin", pos_margin, -4.0, 4.0, "distance that positives may keep");
  v.number("neg_margin", neg_margin, -4.0, 4.0, "distance that negatives should have");
  visit_memory(v);
  PairOptions::visit(v);
}

void GeneralizedLifted::add_items(const PairView& view, LossResult& result) {
  const auto d = unit_distance(view.similarity);
  const auto& positive = view.positive;
  const auto far = masked_logsumexp(d - options_.pos_margin, positive, view.partner_trust);
  const auto near = masked_logsumexp(options_.neg_margin - d, view.negative);
  const auto sum = far.masked_fill(has_any(positive).logical_not(), 0.0) +
                   near.masked_fill(has_any(view.negative).logical_not(), 0.0);
  result.items.push_back(anchor_items(sum.relu()));
}

}  // namespace winnow
