#include "losses/lifted.h"

#include <ATen/ATen.h>

#include "losses/masked.h"

namespace winnow {

void LiftedOptions::visit(OptionVisitor& v) {
  v.number("pos_margin", pos_margin, -4.0, 4.0, "distance that positives may keep");
  v.number("neg_margin", neg_margin, -4.0, 4.0, "distance that negatives should have");
  visit_memory(v);
  PairOptions::visit(v);
}

void Lifted::add_items(const PairView& view, LossResult& result) {
  const auto d = unit_distance(view.similarity);
  const auto near = masked_logsumexp(options_.neg_margin - d, view.negative);
  const auto pairs = view.positive.nonzero();
  const auto anchors = pairs.select(1, 0), positives = pairs.select(1, 1);
  auto sum = near.index_select(0, anchors);
  if (!view.from_bank) sum = at::logaddexp(sum, near.index_select(0, positives));
  const auto violation = (sum + d.index({anchors, positives}) - options_.pos_margin).relu();
  result.items.push_back(triplet_items(view, ItemKind::kPositivePair, anchors, positives, violation * violation / 2));
}

}  // namespace winnow
