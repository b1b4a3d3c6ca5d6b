#include "losses/soft_triple.h"

#include <ATen/ATen.h>

namespace winnow {

void SoftTripleOptions::visit(OptionVisitor& v) {
  v.integer("centres", centres, 1, 64, "vectors a class");
  v.number("margin", margin, 0.0, 2.0, "taken off the target's cosine");
  v.number("gamma", gamma, 1e-3, 10.0, "softness of the choice among a class's vectors");
  v.number("merge", merge, 0.0, 100.0, "weight of the term that merges a class's vectors");
  MarginOptions::visit(v);
}

at::Tensor SoftTriple::target_cosine(const at::Tensor& cosine, const at::Tensor&) const { return cosine - margin_; }

at::Tensor SoftTriple::penalty() {
  const auto centres = options_.centres;
  if (options_.merge == 0 || centres < 2) return {};
  const auto weight = head().weight().view({head().classes(), centres, head().dim()});
  const auto unit = weight / weight.norm(2, 2, true).clamp_min(1e-12);
  const auto pairs = at::triu_indices(centres, centres, 1, at::TensorOptions(at::kLong).device(weight.device()));
  const auto cosine =
      at::bmm(unit, unit.transpose(1, 2)).index({at::indexing::Slice(), pairs[0], pairs[1]}).clamp_max(1.0);
  const double count = static_cast<double>(head().classes() * centres * (centres - 1));
  return options_.merge / count * (2 + 1e-5 - 2 * cosine).sqrt().sum();
}

}  // namespace winnow
