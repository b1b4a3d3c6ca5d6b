#include "losses/smooth_ap.h"

#include <ATen/ATen.h>

namespace winnow {

void SmoothApOptions::visit(OptionVisitor& v) {
  v.number("temperature", temperature, 1e-4, 10.0, "of the sigmoids on differences of cosines");
  v.boolean("self", self, "the anchor counts among its own positives, as in the authors' code");
  PairOptions::visit(v);
}

void SmoothAp::add_items(const PairView& view, LossResult& result) {
  const auto& s = view.similarity;
  const auto itself = at::eye(s.size(0), view.positive.options());
  const auto relevant = options_.self ? view.positive.logical_or(itself) : view.positive;
  const auto ranked = options_.self ? relevant.logical_or(view.negative) : view.positive.logical_or(view.negative);
  const auto pairs = relevant.logical_and(has_any(view.positive).unsqueeze(1)).nonzero();
  const auto anchors = pairs.select(1, 0), items = pairs.select(1, 1);
  // [pairs, B]: how far every j comes before item k of the pair (anchor, k); k itself is left out.
  const auto before = ((s.index_select(0, anchors) - s.index({anchors, items}).unsqueeze(1)) / options_.temperature)
                          .sigmoid()
                          .masked_fill(itself.index_select(0, items), 0.0);
  auto weight = relevant.to(s.scalar_type());
  if (view.partner_trust.defined()) weight = weight * view.partner_trust.to(s.scalar_type()).unsqueeze(0);
  const auto own_rank = 1 + (before * weight.index_select(0, anchors)).sum(1);
  const auto rank = 1 + (before * ranked.index_select(0, anchors)
                                      .to(s.scalar_type())
                                      .mul(at::where(relevant.index_select(0, anchors), weight.index_select(0, anchors),
                                                     at::ones_like(before))))
                            .sum(1);
  const auto item_weight = weight.index({anchors, items});
  const auto zeros = at::zeros({s.size(0)}, s.options());
  const auto total = zeros.index_add(0, anchors, item_weight);
  const auto sums = zeros.index_add(0, anchors, item_weight * own_rank / rank);
  const auto kept = (total > 0).nonzero().squeeze(1);
  result.items.push_back(anchor_items(1 - sums.index_select(0, kept) / total.index_select(0, kept), kept));
}

}  // namespace winnow
