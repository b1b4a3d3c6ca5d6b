#include "losses/threshold_consistent.h"

#include <ATen/ATen.h>

namespace winnow {

void ThresholdConsistentOptions::visit(OptionVisitor& v) {
  v.number("pos_margin", pos_margin, -1.0, 1.0, "cosine that positives should reach");
  v.number("neg_margin", neg_margin, -1.0, 1.0, "cosine that negatives should stay under");
  v.number("pos_weight", pos_weight, 0.0, 100.0, "of the positives' part");
  v.number("neg_weight", neg_weight, 0.0, 100.0, "of the negatives' part");
  visit_memory(v);
  PairOptions::visit(v);
}

void ThresholdConsistent::add_items(const PairView& view, LossResult& result) {
  const auto& s = view.similarity;
  const auto below = view.positive.logical_and(s.detach() <= options_.pos_margin);
  const auto above = view.negative.logical_and(s.detach() >= options_.neg_margin);
  result.items.push_back(pair_items(view, ItemKind::kPositivePair, below,
                                    options_.pos_weight * (options_.pos_margin - s.masked_select(below))));
  result.items.push_back(pair_items(view, ItemKind::kNegativePair, above,
                                    options_.neg_weight * (s.masked_select(above) - options_.neg_margin)));
}

}  // namespace winnow
