#pragma once

#include "losses/classification_loss.h"

namespace winnow {

struct SphereFaceOptions : Options {
  int64_t margin = 4;
  double scale = 1.0, blend = 1000.0, least_blend = 5.0;
  bool feature_norm = true, weight_norm = false;
  void visit(OptionVisitor& v) override;
};

/// Multiplicative angular margin: psi = (-1)^k cos(m theta) - 2k, k = floor(m theta / pi), blended with the plain
/// cosine as (lambda cos + psi) / (1 + lambda), lambda = max(least_blend, blend (1 + 1e-4 step)^-2). Scores are scale
/// ||f|| cos with feature_norm, also times ||w_j|| with weight_norm (large-margin softmax). Source: Liu et al., CVPR
/// 2017 (SphereFace) and ICML 2016 (L-Softmax). pytorch-metric-learning 2.9 has no blending (blend 0, least_blend 0).
class SphereFace : public ClassificationLoss {
 public:
  SphereFace(const char* name, const SphereFaceOptions& options, const LossContext& context)
      : ClassificationLoss(name, ClassHead::Kind::kCosine, options.scale, context), options_(options), name_(name) {}
  SphereFace(const SphereFaceOptions& options, const LossContext& context)
      : SphereFace("sphereface", options, context) {}

  /// @throws Error(kShape) when feature_norm is set and the batch has no raw embeddings
  at::Tensor logits(const LossBatch& batch) override;
  double cosine_scale() const override;

 protected:
  at::Tensor values(const at::Tensor& logits, const LossBatch& batch, const Targets& targets) override;

 private:
  at::Tensor norms(const LossBatch& batch) const;
  SphereFaceOptions options_;
  const char* name_;
};

struct LargeMarginSoftmaxOptions : SphereFaceOptions {
  LargeMarginSoftmaxOptions() { weight_norm = true; }
};

class LargeMarginSoftmax : public SphereFace {
 public:
  LargeMarginSoftmax(const LargeMarginSoftmaxOptions& options, const LossContext& context)
      : SphereFace("large_margin_softmax", options, context) {}
};

}  // namespace winnow
