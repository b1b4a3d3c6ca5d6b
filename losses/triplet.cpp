#include "losses/triplet.h"

#include <ATen/ATen.h>

#include "losses/masked.h"

namespace winnow {

void TripletOptions::visit(OptionVisitor& v) {
  v.number("margin", margin, 0.0, 4.0, "by which negatives must be farther than positives");
  v.boolean("soft", soft, "log(1 + e^x) instead of [x]+");
  v.boolean("swap", swap, "the nearer of the negative's distances to anchor and positive counts");
  mining.visit(v);
  visit_memory(v);
  PairOptions::visit(v);
}

void Triplet::add_items(const PairView& view, LossResult& result) {
  const auto t = options_.mining.mine(view, seed_);
  const auto d = unit_distance(view.similarity);
  auto to_negative = d.index({t.anchor, t.negative});
  if (options_.swap && !view.from_bank) to_negative = at::minimum(to_negative, d.index({t.positive, t.negative}));
  const auto violation = d.index({t.anchor, t.positive}) - to_negative + options_.margin;
  const auto values = options_.soft ? log_one_plus_exp(violation) : violation.relu();
  result.items.push_back(triplet_items(view, ItemKind::kTriplet, t.anchor, t.positive, values));
  result.log["triplets"] = static_cast<double>(t.size());
}

}  // namespace winnow
