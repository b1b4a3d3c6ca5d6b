#include "losses/histogram.h"

#include <ATen/ATen.h>

namespace winnow {
namespace {

/// Soft histogram over [-1, 1] of cosines [M] with weights [M], summing to 1; [bins + 1].
at::Tensor soft_histogram(const at::Tensor& cosines, const at::Tensor& weights, int64_t bins) {
  const auto place = (cosines.clamp(-1.0, 1.0) + 1) * (static_cast<double>(bins) / 2);
  const auto left = place.detach().floor().clamp(0, bins - 1);
  const auto share = place - left;
  const auto at_left = left.to(at::kLong);
  const auto empty = at::zeros({bins + 1}, cosines.options());
  return (empty.scatter_add(0, at_left, weights * (1 - share)).scatter_add(0, at_left + 1, weights * share)) /
         weights.sum().clamp_min(1e-12);
}

}  // namespace

void HistogramOptions::visit(OptionVisitor& v) {
  v.integer("bins", bins, 2, 10000, "over cosines in [-1, 1]");
  PairOptions::visit(v);
}

void Histogram::add_items(const PairView& view, LossResult& result) {
  const auto& s = view.similarity;
  const auto first_half = at::ones_like(view.positive).triu(1);
  const auto triple = has_any(view.positive).logical_and(has_any(view.negative));
  const auto positive = view.positive.logical_and(triple.unsqueeze(1)).logical_and(first_half);
  // As in pytorch-metric-learning: a negative pair counts when one of its ends has a positive.
  const auto negative =
      view.negative.logical_and(triple.unsqueeze(1).logical_or(triple.unsqueeze(0))).logical_and(first_half);
  const auto ones = at::ones_like(s).detach();
  auto weight = ones;
  if (view.trust.defined()) {
    const auto trust = view.trust.to(s.scalar_type());
    weight = trust.unsqueeze(1) * trust.unsqueeze(0);
  }
  const auto of_positive =
      soft_histogram(s.masked_select(positive), weight.masked_select(positive), options_.bins).cumsum(0);
  const auto of_negative = soft_histogram(s.masked_select(negative), ones.masked_select(negative), options_.bins);
  LossItems items;
  items.kind = ItemKind::kReduced;
  items.values = (of_negative * of_positive).sum();
  result.items.push_back(std::move(items));
}

}  // namespace winnow
