#include "losses/cosface.h"

#include <ATen/ATen.h>

namespace winnow {

void CosFaceOptions::visit(OptionVisitor& v) {
  v.number("margin", margin, 0.0, 2.0, "taken off the target's cosine");
  MarginOptions::visit(v);
}

at::Tensor CosFace::target_cosine(const at::Tensor& cosine, const at::Tensor&) const { return cosine - margin_; }

}  // namespace winnow
