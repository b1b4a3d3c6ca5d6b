#include "losses/fastap.h"

#include <ATen/ATen.h>

namespace winnow {

void FastApOptions::visit(OptionVisitor& v) {
  v.integer("bins", bins, 2, 1000, "of the histograms over squared distances; memory is bins * B * N floats");
  visit_memory(v);
  PairOptions::visit(v);
}

void FastAp::add_items(const PairView& view, LossResult& result) {
  const auto square = 2 - 2 * view.similarity;
  const double width = 4.0 / static_cast<double>(options_.bins);
  const auto centres = at::linspace(0.0, 4.0, options_.bins + 1, square.options()).view({1, 1, -1});
  const auto pulse = (1 - (square.unsqueeze(2) - centres).abs() / width).relu();  // [B, N, L + 1]
  auto positive = view.positive.to(square.scalar_type());
  if (view.partner_trust.defined()) positive = positive * view.partner_trust.to(square.scalar_type()).unsqueeze(0);
  const auto negative = view.negative.to(square.scalar_type());
  const auto histogram = at::bmm(positive.unsqueeze(1), pulse).squeeze(1);
  const auto others = at::bmm(negative.unsqueeze(1), pulse).squeeze(1);
  const auto running = histogram.cumsum(1), all = (histogram + others).cumsum(1);
  const auto counted = (histogram * running > 0).logical_and(all > 0);
  const auto share =
      at::where(counted, histogram * running / at::where(counted, all, at::ones_like(all)), at::zeros_like(all));
  const auto total = positive.sum(1);
  const auto anchors = (total > 0).nonzero().squeeze(1);
  const auto precision = share.sum(1).index_select(0, anchors) / total.index_select(0, anchors);
  result.items.push_back(anchor_items(1 - precision, anchors));
}

}  // namespace winnow
