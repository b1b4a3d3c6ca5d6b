#include "losses/pnp.h"

#include <ATen/ATen.h>

namespace winnow {

void PnpOptions::visit(OptionVisitor& v) {
  v.choice("variant", variant, {"O", "Ds", "Dq", "Iu", "Ib"}, "function of the number of negatives before a positive");
  v.number("temperature", temperature, 1e-4, 10.0, "of the sigmoids on differences of cosines");
  v.number("alpha", alpha, 0.01, 100.0, "exponent of Dq");
  v.number("b", b, 0.01, 100.0, "slope of Ib");
  PairOptions::visit(v);
}

void Pnp::add_items(const PairView& view, LossResult& result) {
  const auto& s = view.similarity;
  const auto relevant = view.positive.logical_or(at::eye(s.size(0), view.positive.options()));
  const auto pairs = relevant.nonzero();
  const auto anchors = pairs.select(1, 0), items = pairs.select(1, 1);
  const auto before = (s.index_select(0, anchors) - s.index({anchors, items}).unsqueeze(1)) / options_.temperature;
  const auto wrong = (before.sigmoid() * view.negative.index_select(0, anchors).to(s.scalar_type())).sum(1);
  at::Tensor values = wrong;
  const auto& variant = options_.variant;
  if (variant == "Ds") values = wrong.log1p();
  if (variant == "Dq") values = 1 - (1 + wrong).pow(-options_.alpha);
  if (variant == "Iu") values = (1 + wrong) * wrong.log1p();
  if (variant == "Ib") values = (options_.b * wrong - (options_.b * wrong).log1p()) / (options_.b * options_.b);
  auto weight = at::ones_like(wrong).detach();
  if (view.partner_trust.defined()) weight = view.partner_trust.to(s.scalar_type()).index_select(0, items);
  const auto zeros = at::zeros({s.size(0)}, s.options());
  const auto total = zeros.index_add(0, anchors, weight), sums = zeros.index_add(0, anchors, weight * values);
  const auto kept = (total > 0).nonzero().squeeze(1);
  result.items.push_back(anchor_items(sums.index_select(0, kept) / total.index_select(0, kept), kept));
}

}  // namespace winnow
