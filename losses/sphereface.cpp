#include "losses/sphereface.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "losses/embedding_norm.h"
#include "losses/margin_softmax.h"

namespace winnow {
namespace {

/// cos(m theta) as a polynomial of cos(theta), so that its derivative is exact at 0 and pi.
at::Tensor multiple_angle(const at::Tensor& cosine, int64_t m) {
  auto before = at::ones_like(cosine), now = cosine;
  for (int64_t i = 1; i < m; ++i) {
    auto next = 2 * cosine * now - before;
    before = now;
    now = next;
  }
  return now;
}

at::Tensor multiplied_margin(const at::Tensor& cosine, int64_t m) {
  const auto theta = cosine.detach().clamp(-1.0, 1.0).acos();
  const auto k = (theta * (static_cast<double>(m) / M_PI)).floor().clamp_max(static_cast<double>(m - 1));
  const auto sign = 1 - 2 * k.remainder(2);
  return sign * multiple_angle(cosine, m) - 2 * k;
}

}  // namespace

void SphereFaceOptions::visit(OptionVisitor& v) {
  v.integer("margin", margin, 1, 8, "factor on the target's angle");
  v.number("scale", scale, 1e-3, 1000.0, "factor on the scores");
  v.boolean("feature_norm", feature_norm, "scores are multiplied by the norm of the embedding");
  v.boolean("weight_norm", weight_norm, "scores are multiplied by the norms of the class vectors");
  v.number("blend", blend, 0.0, 1e6, "weight of the plain cosine at the first step");
  v.number("least_blend", least_blend, 0.0, 1e6, "weight of the plain cosine it never falls below");
}

at::Tensor SphereFace::norms(const LossBatch& batch) const {
  at::Tensor out = at::ones({1, 1}, head().weight().options().requires_grad(false));
  if (options_.feature_norm) out = embedding_norms(name_, batch, out.scalar_type()).unsqueeze(1);
  if (options_.weight_norm) out = out * head().weight().norm(2, 1).unsqueeze(0);
  return out;
}

at::Tensor SphereFace::logits(const LossBatch& batch) { return ClassificationLoss::logits(batch) * norms(batch); }

double SphereFace::cosine_scale() const {
  return options_.feature_norm || options_.weight_norm ? 0 : ClassificationLoss::cosine_scale();
}

at::Tensor SphereFace::values(const at::Tensor& logits, const LossBatch& batch, const Targets& targets) {
  const double blend =
      std::max(options_.least_blend, options_.blend * std::pow(1 + 1e-4 * static_cast<double>(batch.step), -2.0));
  const auto factor = norms(batch).expand_as(logits);
  const auto psi = [&](const at::Tensor& cosine) {
    return (blend * cosine + multiplied_margin(cosine, options_.margin)) / (1 + blend);
  };
  const double scale = head().scale();
  if (targets.soft.defined())
    return expected_margin_softmax(logits * factor, scale * psi(logits / scale) * factor, targets.soft);
  const auto at_label = targets.labels.unsqueeze(1);
  const auto own = scale * psi(logits.gather(1, at_label) / scale) * factor.gather(1, at_label);
  return label_margin_softmax(logits * factor, own.squeeze(1), targets.labels);
}

}  // namespace winnow
