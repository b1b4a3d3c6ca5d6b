#include "losses/angular.h"

#include <ATen/ATen.h>

#include <cmath>

#include "losses/masked.h"

namespace winnow {

void AngularOptions::visit(OptionVisitor& v) {
  v.number("angle", angle, 1.0, 60.0, "at the negative, in degrees");
  PairOptions::visit(v);
}

void Angular::add_items(const PairView& view, LossResult& result) {
  const double tangent = std::tan(options_.angle * M_PI / 180), square = tangent * tangent;
  const auto& s = view.similarity;
  const auto pairs = view.positive.nonzero();
  const auto anchors = pairs.select(1, 0), positives = pairs.select(1, 1);
  const auto sums = s.index_select(0, anchors) + s.index_select(0, positives);
  const auto inside = 4 * square * sums - 2 * (1 + square) * s.index({anchors, positives}).unsqueeze(1);
  const auto values = log_one_plus_exp(masked_logsumexp(inside, view.negative.index_select(0, anchors)));
  result.items.push_back(triplet_items(view, ItemKind::kPositivePair, anchors, positives, values));
}

}  // namespace winnow
