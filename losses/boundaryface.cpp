#include "losses/boundaryface.h"

#include <ATen/ATen.h>

#include "losses/masked.h"

namespace winnow {

void BoundaryFaceOptions::visit(OptionVisitor& v) {
  v.number("margin", margin, 0.0, 1.5, "angular margin in radians");
  v.number("relabel_start", relabel_start, 0.0, 1.0, "share of training from which labels are rewritten; 1 = never");
  v.number("hard_weight", hard_weight, 0.0, 100.0, "of the term on pictures at the boundary");
  MarginOptions::visit(v);
}

void BoundaryFace::begin(const LossBatch& batch, const at::Tensor&) {
  margin_ = options_.margin * ramp(batch);
  relabels_ = options_.relabel_start < 1 && batch.progress >= options_.relabel_start;
}

at::Tensor BoundaryFace::target_cosine(const at::Tensor& cosine, const at::Tensor&) const {
  return add_angle(cosine, margin_, true);
}

at::Tensor BoundaryFace::row_values(const at::Tensor& cosine, const at::Tensor& labels, const at::Tensor& items) const {
  if (cosine.size(1) < 2) return MarginHead::row_values(cosine, labels, items);
  auto in_force = labels;
  if (relabels_) {
    const auto seen = cosine.detach();
    const auto [best, other] = seen.scatter(1, labels.unsqueeze(1), kNothing).max(1);
    const auto own = seen.gather(1, labels.unsqueeze(1)).squeeze(1);
    in_force = at::where(add_angle(best, margin_, true) > own, other, labels);
  }
  const auto at_label = in_force.unsqueeze(1);
  const auto rival = cosine.scatter(1, at_label, kNothing).amax(1);
  const auto psi = target_cosine(cosine.gather(1, at_label), items).squeeze(1);
  return MarginHead::row_values(cosine, in_force, items) + options_.hard_weight * (rival - psi).relu();
}

}  // namespace winnow
