#include "losses/magface.h"

#include <ATen/ATen.h>

#include "losses/embedding_norm.h"

namespace winnow {

void MagFaceOptions::visit(OptionVisitor& v) {
  v.number("low_norm", low_norm, 1e-3, 1e6, "norm of the poorest pictures");
  v.number("high_norm", high_norm, 1e-3, 1e6, "norm of the best pictures");
  v.number("low_margin", low_margin, 0.0, 1.5, "margin at low_norm, radians");
  v.number("high_margin", high_margin, 0.0, 1.5, "margin at high_norm, radians");
  v.number("norm_weight", norm_weight, 0.0, 1000.0, "of the term that draws norms up");
  MarginOptions::visit(v);
}

std::vector<std::string> MagFaceOptions::check() const {
  if (low_norm < high_norm) return {};
  return {"low_norm must be below high_norm"};
}

void MagFace::begin(const LossBatch& batch, const at::Tensor& cosine) {
  const auto norm =
      embedding_norms("magface", batch, cosine.scalar_type()).clamp(options_.low_norm, options_.high_norm);
  const double slope = (options_.high_margin - options_.low_margin) / (options_.high_norm - options_.low_norm);
  margin_ = ramp(batch) * (slope * (norm - options_.low_norm) + options_.low_margin);
  term_ = options_.norm_weight * (norm / (options_.high_norm * options_.high_norm) + 1 / norm);
}

at::Tensor MagFace::target_cosine(const at::Tensor& cosine, const at::Tensor& items) const {
  return add_angle(cosine, column(margin_, items), true);
}

}  // namespace winnow
