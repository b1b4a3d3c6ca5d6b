#pragma once

#include "losses/margin_head.h"

namespace winnow {

struct MagFaceOptions : MarginOptions {
  double low_norm = 10.0, high_norm = 110.0, low_margin = 0.45, high_margin = 0.8, norm_weight = 35.0;
  void visit(OptionVisitor& v) override;
  std::vector<std::string> check() const override;
};

/// ArcFace whose margin grows with the norm a of the raw embedding, linearly from low_margin at low_norm to high_margin
/// at high_norm (a is held between them), plus norm_weight (a / high_norm^2 + 1 / a). Gradients flow through a.
/// Source: Meng et al., CVPR 2021.
class MagFace : public MarginHead {
 public:
  MagFace(const MagFaceOptions& options, const LossContext& context)
      : MarginHead("magface", options, context), options_(options) {}

 protected:
  void begin(const LossBatch& batch, const at::Tensor& cosine) override;
  at::Tensor target_cosine(const at::Tensor& cosine, const at::Tensor& items) const override;
  at::Tensor item_term() const override { return term_; }

 private:
  MagFaceOptions options_;
  at::Tensor margin_, term_;  // [B], of the batch at hand, with gradient
};

}  // namespace winnow
