#pragma once

#include <string>

#include "losses/margin_head.h"

namespace winnow {

struct ElasticFaceOptions : MarginOptions {
  std::string kind = "arc";
  double margin = 0.5, deviation = 0.05;
  bool plus = false;
  void visit(OptionVisitor& v) override;
};

/// ArcFace (kind arc) or CosFace (kind cos, paper: margin 0.35) with a margin drawn from N(margin, deviation) for each
/// picture and step; with `plus` the drawn margins are dealt out so that the hardest picture gets the largest (paper:
/// deviation 0.0175 arc, 0.02 cos). A draw is a function of (seed, row, step).
/// Source: Boutros et al., CVPRW 2022.
class ElasticFace : public MarginHead {
 public:
  ElasticFace(const ElasticFaceOptions& options, const LossContext& context)
      : MarginHead("elasticface", options, context), options_(options), seed_(context.seed) {}

 protected:
  void begin(const LossBatch& batch, const at::Tensor& cosine) override;
  at::Tensor target_cosine(const at::Tensor& cosine, const at::Tensor& items) const override;

 private:
  ElasticFaceOptions options_;
  uint64_t seed_;
  at::Tensor margin_;  // [B], of the batch at hand
};

}  // namespace winnow
