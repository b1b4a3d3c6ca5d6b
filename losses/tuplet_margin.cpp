#include "losses/tuplet_margin.h"

#include <ATen/ATen.h>

#include <cmath>

#include "losses/masked.h"

namespace winnow {

void TupletMarginOptions::visit(OptionVisitor& v) {
  v.number("margin", margin, 0.0, 45.0, "taken off the angle of positives, in degrees");
  v.number("scale", scale, 0.01, 1000.0, "factor on the cosines");
  visit_memory(v);
  PairOptions::visit(v);
}

void TupletMargin::add_items(const PairView& view, LossResult& result) {
  const auto& s = view.similarity;
  const double margin = options_.margin * M_PI / 180;
  const auto against = masked_logsumexp(options_.scale * s, view.negative);
  const auto own = options_.scale * (s * std::cos(margin) + sine_of(s) * std::sin(margin));
  const auto values = log_one_plus_exp(against.unsqueeze(1) - own).masked_select(view.positive);
  result.items.push_back(pair_items(view, ItemKind::kPositivePair, view.positive, values));
}

}  // namespace winnow
