#include "losses/contrastive.h"

#include <ATen/ATen.h>

namespace winnow {

void ContrastiveOptions::visit(OptionVisitor& v) {
  v.number("pos_margin", pos_margin, -1.0, 1.0, "cosine that positives are pulled up to");
  v.number("neg_margin", neg_margin, -1.0, 1.0, "cosine under which negatives are left alone");
  visit_memory(v);
  PairOptions::visit(v);
}

void Contrastive::add_items(const PairView& view, LossResult& result) {
  const auto detached = view.similarity.detach();
  const auto is_positive = view.positive.logical_and(detached < options_.pos_margin);
  const auto is_negative = view.negative.logical_and(detached > options_.neg_margin);
  const auto add = [&](const char* name, ItemKind kind, const at::Tensor& mask, const at::Tensor& values) {
    auto items = pair_items(view, kind, mask, values);
    items.averaging = Averaging::kAnchors;
    result.log[name] = static_cast<double>(values.size(0));
    result.items.push_back(std::move(items));
  };
  add("active_positives", ItemKind::kPositivePair, is_positive,
      options_.pos_margin - view.similarity.masked_select(is_positive));
  add("active_negatives", ItemKind::kNegativePair, is_negative, view.similarity.masked_select(is_negative));
}

}  // namespace winnow
