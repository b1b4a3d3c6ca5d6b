#include "losses/ranked_list.h"

#include <ATen/ATen.h>

#include "losses/masked.h"

namespace winnow {

void RankedListOptions::visit(OptionVisitor& v) {
  v.number("margin", margin, 0.0, 2.0, "between positives and negatives");
  v.number("alpha", alpha, 0.0, 4.0, "distance that negatives should have");
  v.number("imbalance", imbalance, 0.0, 1.0, "share of the negatives' part");
  v.number("negative_temperature", negative_temperature, 0.0, 50.0, "Tn, sharpness over violating negatives");
  v.number("positive_temperature", positive_temperature, 0.0, 50.0, "Tp, sharpness over violating positives");
  visit_memory(v);
  PairOptions::visit(v);
}

void RankedList::add_items(const PairView& view, LossResult& result) {
  const auto d = unit_distance(view.similarity);
  const auto mean_over = [&](const at::Tensor& mask, const at::Tensor& excess, double temperature,
                             const at::Tensor& trust) {
    const auto inside = excess.masked_fill(mask.logical_not(), 0.0);
    auto weights = (temperature * inside).exp() * mask.to(d.scalar_type());
    if (trust.defined()) weights = weights * trust.to(d.scalar_type()).unsqueeze(0);
    return (weights * inside).sum(1) / (weights + 1e-5).sum(1);
  };
  const double near = options_.alpha - options_.margin;
  const auto seen = d.detach();
  const auto pull =
      mean_over(view.positive.logical_and(seen > near), d - near, options_.positive_temperature, view.partner_trust);
  const auto push = mean_over(view.negative.logical_and(seen < options_.alpha), options_.alpha - d,
                              options_.negative_temperature, {});
  result.items.push_back(anchor_items((1 - options_.imbalance) * pull + options_.imbalance * push));
}

}  // namespace winnow
