#pragma once

#include "losses/margin_head.h"

namespace winnow {

struct SoftTripleOptions : MarginOptions {
  int64_t centres = 10;
  double margin = 0.01, gamma = 0.1, merge = 0.2;
  SoftTripleOptions() { scale = 20.0; }
  void visit(OptionVisitor& v) override;
};

/// Softmax over S'_c = sum_k softmax_k(cos_ck / gamma) cos_ck with a margin on the target, plus `merge` times the mean
/// distance of the vectors of a class, sum_{s < t} sqrt(2 + 1e-5 - 2 w_s w_t) / (C K (K - 1)).
/// Several vectors a class take up wrong pictures of one kind: good under open-set noise.
/// Source: Qian et al., ICCV 2019 (centres 10, 2 for many classes). Defaults as pytorch-metric-learning 2.9, with the
/// authors' merge term.
class SoftTriple : public MarginHead {
 public:
  SoftTriple(const SoftTripleOptions& options, const LossContext& context)
      : MarginHead("soft_triple", options, context, {options.centres, options.gamma}), options_(options) {}

 protected:
  void begin(const LossBatch& batch, const at::Tensor&) override { margin_ = options_.margin * ramp(batch); }
  at::Tensor target_cosine(const at::Tensor& cosine, const at::Tensor&) const override;
  at::Tensor penalty() override;

 private:
  SoftTripleOptions options_;
  double margin_ = 0;
};

}  // namespace winnow
