#include "losses/arcface.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "losses/margin_softmax.h"

namespace winnow {

void ArcFaceOptions::visit(OptionVisitor& v) {
  v.number("margin", margin, 0.0, 1.5, "angular margin in radians");
  v.number("scale", scale, 0.01, 1000.0, "factor on the cosines");
  v.choice("grad", grad, {"exact", "straight_through"},
           "derivative of the margin: exact, or 1 as arcface_torch has it");
  v.boolean("guard", guard, "linear continuation beyond theta = pi - margin, where cos(theta + margin) turns upward");
  v.number("margin_ramp", margin_ramp, 0.0, 1.0, "share of training over which the margin grows from 0; 0 = at once");
}

at::Tensor ArcFace::margin_cosine(const at::Tensor& cosine, double margin) const {
  // The algebraic form has no acos, whose slope is infinite at +-1.
  const auto sine = (1 - cosine * cosine).clamp_min(1e-9).sqrt();
  auto psi = cosine * std::cos(margin) - sine * std::sin(margin);
  if (options_.guard) psi = at::where(cosine > -std::cos(margin), psi, cosine - margin * std::sin(margin));
  return options_.grad == "exact" ? psi : cosine + (psi - cosine).detach();
}

at::Tensor ArcFace::values(const at::Tensor& logits, const LossBatch& batch, const Targets& targets) {
  const double ramp = options_.margin_ramp;
  const double margin = options_.margin * (ramp > 0 ? std::min(1.0, batch.progress / ramp) : 1.0);
  if (margin == 0) return item_cross_entropy(logits, targets);
  const double scale = head().scale();
  if (targets.soft.defined())
    return expected_margin_softmax(logits, scale * margin_cosine(logits / scale, margin), targets.soft);
  const auto own = logits.gather(1, targets.labels.unsqueeze(1)).squeeze(1);
  return label_margin_softmax(logits, scale * margin_cosine(own / scale, margin), targets.labels);
}

}  // namespace winnow
