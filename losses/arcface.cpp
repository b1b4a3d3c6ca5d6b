#include "losses/arcface.h"

#include <ATen/ATen.h>

namespace winnow {

void ArcFaceOptions::visit(OptionVisitor& v) {
  v.number("margin", margin, 0.0, 1.5, "angular margin in radians");
  v.choice("grad", grad, {"exact", "straight_through"},
           "derivative of the margin: exact, or 1 as arcface_torch has it");
  v.boolean("guard", guard, "linear continuation beyond theta = pi - margin, where cos(theta + margin) turns upward");
  MarginOptions::visit(v);
}

at::Tensor ArcFace::target_cosine(const at::Tensor& cosine, const at::Tensor&) const {
  if (margin_ == 0) return cosine;
  const auto psi = add_angle(cosine, margin_, options_.guard);
  return options_.grad == "exact" ? psi : cosine + (psi - cosine).detach();
}

}  // namespace winnow
