#include "losses/margin_head.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "losses/margin_softmax.h"
#include "losses/masked.h"

namespace winnow {

void MarginOptions::visit(OptionVisitor& v) {
  v.number("scale", scale, 0.01, 1000.0, "factor on the cosines");
  v.number("margin_ramp", margin_ramp, 0.0, 1.0, "share of training over which the margin grows from 0; 0 = at once");
  v.number("filter", filter, -1.0, 1.0,
           "scores of other classes whose cosine exceeds this become 0; 1 = none (0.4 for scraped identities)");
}

double MarginHead::ramp(const LossBatch& batch) const {
  return shared_.margin_ramp > 0 ? std::min(1.0, batch.progress / shared_.margin_ramp) : 1.0;
}

at::Tensor MarginHead::column(const at::Tensor& x, const at::Tensor& items) {
  return (items.defined() ? x.index_select(0, items) : x).unsqueeze(1);
}

at::Tensor MarginHead::other_cosines(const at::Tensor& cosine, const at::Tensor&) const {
  return shared_.filter < 1 ? cosine.masked_fill(cosine.detach() > shared_.filter, 0.0) : cosine;
}

at::Tensor MarginHead::row_values(const at::Tensor& cosine, const at::Tensor& labels, const at::Tensor& items) const {
  const auto psi = target_cosine(cosine.gather(1, labels.unsqueeze(1)), items).squeeze(1);
  return label_margin_softmax(scale() * other_cosines(cosine, psi), scale() * psi, labels);
}

at::Tensor MarginHead::soft_values(const at::Tensor& logits, const at::Tensor& cosine, const at::Tensor& soft) const {
  if (!depends_on_label()) return expected_margin_softmax(logits, scale() * target_cosine(cosine, {}), soft);
  const auto places = (soft > 0).nonzero();
  const auto items = places.select(1, 0), labels = places.select(1, 1);
  const auto each = row_values(cosine.index_select(0, items), labels, items);
  const auto weights = soft.index({items, labels}).to(each.scalar_type());
  return at::zeros({cosine.size(0)}, each.options()).index_add(0, items, weights * each);
}

at::Tensor MarginHead::values(const at::Tensor& logits, const LossBatch& batch, const Targets& targets) {
  const auto cosine = logits / scale();
  begin(batch, cosine.detach());
  auto out =
      targets.soft.defined() ? soft_values(logits, cosine, targets.soft) : row_values(cosine, targets.labels, {});
  if (const auto term = item_term(); term.defined()) out = out + term;
  return out;
}

at::Tensor add_angle(const at::Tensor& cosine, const at::Tensor& margin, bool guard) {
  const auto psi = cosine * margin.cos() - sine_of(cosine) * margin.sin();
  return guard ? at::where(cosine > -margin.cos(), psi, cosine - margin * margin.sin()) : psi;
}

at::Tensor add_angle(const at::Tensor& cosine, double margin, bool guard) {
  return add_angle(cosine, at::full({1}, margin, cosine.options()), guard);
}

}  // namespace winnow
