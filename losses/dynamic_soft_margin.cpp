#include "losses/dynamic_soft_margin.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "losses/masked.h"

namespace winnow {

void DynamicSoftMarginOptions::visit(OptionVisitor& v) {
  v.integer("bins", bins, 2, 10000, "of the running histogram of d_ap - d_an");
  v.number("least", least, -4.0, -0.01, "smallest d_ap - d_an of the histogram, which reaches to its opposite");
  v.number("momentum", momentum, 1e-6, 1.0, "share of a batch in the running histogram");
  mining.visit(v);
  PairOptions::visit(v);
}

DynamicSoftMargin::DynamicSoftMargin(const DynamicSoftMarginOptions& options, const LossContext& context)
    : PairLoss("dynamic_soft_margin", options, context), options_(options), seed_(context.seed) {
  histogram_ = at::zeros({options.bins + 1}, at::TensorOptions(context.dtype).device(context.device));
}

at::Tensor DynamicSoftMargin::bin_of(const at::Tensor& gaps) const {
  const double width = -2 * options_.least / static_cast<double>(options_.bins);
  return ((gaps - options_.least) / width).clamp(0.0, static_cast<double>(options_.bins));
}

at::Tensor DynamicSoftMargin::updated(const at::Tensor& gaps) const {
  const double momentum = histogram_.sum().item<double>() > 0 ? options_.momentum : 1.0;
  const auto place = bin_of(gaps);
  const auto left = place.floor().clamp_max(static_cast<double>(options_.bins - 1));
  const auto share = place - left;
  const auto at_left = left.to(at::kLong);
  const auto sum = ((1 - momentum) * histogram_)
                       .scatter_add(0, at_left, momentum * (1 - share))
                       .scatter_add(0, at_left + 1, momentum * share);
  return sum / sum.sum();
}

void DynamicSoftMargin::add_items(const PairView& view, LossResult& result) {
  const auto t = options_.mining.mine(view, seed_);
  const auto d = unit_distance(view.similarity);
  const auto gaps = d.index({t.anchor, t.positive}) - d.index({t.anchor, t.negative});
  at::Tensor weights = gaps.detach();
  if (t.size() > 0) {
    const at::NoGradGuard no_grad;
    pending_ = updated(gaps.detach());
    weights = pending_.cumsum(0).index_select(0, bin_of(gaps.detach()).floor().to(at::kLong));
  }
  result.items.push_back(triplet_items(view, ItemKind::kTriplet, t.anchor, t.positive, weights * gaps));
}

void DynamicSoftMargin::after_step(const LossBatch&, const Targets&) {
  if (!pending_.defined()) return;
  const at::NoGradGuard no_grad;
  histogram_.copy_(pending_);
  pending_ = at::Tensor();
}

}  // namespace winnow
