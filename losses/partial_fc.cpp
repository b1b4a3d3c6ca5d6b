#include "losses/partial_fc.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "losses/margin_head.h"
#include "losses/masked.h"
#include "src/core/random.h"

namespace winnow {

void PartialFcOptions::visit(OptionVisitor& v) {
  v.choice("kind", kind, {"arc", "cos"}, "margin on the angle or on the cosine");
  v.number("margin", margin, 0.0, 1.5, "of the target");
  v.number("scale", scale, 0.01, 1000.0, "factor on the cosines");
  v.number("share", share, 1e-6, 1.0, "of the classes that a step sees beside each picture's own");
}

at::Tensor PartialFc::drawn_classes(int64_t step) const {
  const auto classes = static_cast<size_t>(head_.classes());
  const auto wanted = static_cast<size_t>(std::ceil(options_.share * static_cast<double>(classes)));
  std::vector<int64_t> order(classes);
  std::iota(order.begin(), order.end(), 0);
  Random random(seed_, "partial_fc", static_cast<uint64_t>(step));
  for (size_t i = 0; i < wanted; ++i) std::swap(order[i], order[i + random.below(classes - i)]);
  order.resize(wanted);
  std::sort(order.begin(), order.end());  // neighbours in memory, and one order of summation
  return at::tensor(order, at::TensorOptions(at::kLong)).to(head_.weight().device());
}

at::Tensor PartialFc::unit_rows(const at::Tensor& classes) const {
  const auto rows = head_.weight().index_select(0, classes);
  return rows / rows.norm(2, 1, true).clamp_min(1e-12);
}

at::Tensor PartialFc::row_values(const at::Tensor& z, const at::Tensor& labels, const at::Tensor& classes) const {
  const auto own = (z * unit_rows(labels)).sum(1);
  const auto psi = options_.kind == "cos" ? own - options_.margin : add_angle(own, options_.margin, true);
  const auto others = head_.scale() * at::mm(z, unit_rows(classes).t());
  const auto is_other = classes.unsqueeze(0).ne(labels.unsqueeze(1));
  return log_one_plus_exp(masked_logsumexp(others, is_other) - head_.scale() * psi);
}

LossResult PartialFc::forward(const LossBatch& batch, const Targets& targets) {
  check_batch("partial_fc", batch, head_.classes(), head_.dim());
  check_targets("partial_fc", targets, batch.z.size(0), head_.classes());
  const auto z = batch.z.to(head_.weight().scalar_type());
  const auto classes = drawn_classes(batch.step);
  LossItems items;
  if (targets.soft.defined()) {
    const auto places = (targets.soft > 0).nonzero();
    const auto rows = places.select(1, 0), labels = places.select(1, 1);
    const auto each = row_values(z.index_select(0, rows), labels, classes);
    const auto weights = targets.soft.index({rows, labels}).to(each.scalar_type());
    items.values = at::zeros({z.size(0)}, each.options()).index_add(0, rows, weights * each);
  } else {
    items.values = row_values(z, targets.labels, classes);
  }
  LossResult result;
  result.items.push_back(std::move(items));
  result.log["classes_seen"] = static_cast<double>(classes.size(0));
  return result;
}

at::Tensor PartialFc::logits(const LossBatch& batch) {
  check_batch("partial_fc", batch, head_.classes(), head_.dim());
  return head_.logits(batch);
}

}  // namespace winnow
