#pragma once

#include <memory>

#include "losses/loss.h"
#include "losses/memory_bank.h"

namespace winnow {

struct PrismOptions : Options {
  double rate = 0.2;
  std::string threshold = "smooth", score = "centre";
  int64_t window = 5, memory = 0;
  void visit(OptionVisitor& v) override;
};

/// Trust 1 for items whose probability under the class centres of a bank of trusted embeddings is above the `rate`
/// quantile, else 0. Centres are means of the bank's embeddings of a class; a class that is not in the bank scores 1.
///   score:     centre: exp(c_y z) / sum_k exp(c_k z); vmf: C_D(kappa_k) exp(kappa_k mu_k z) in place of exp(c_k z),
///              kappa = r (D - r^2) / (1 - r^2), r = ||c_k||
///   threshold: batch: the quantile of this batch (TRM); smooth: mean of those of the last `window` batches (sTRM)
/// Where none is above the threshold the largest (1 - rate) of the batch are kept and the window starts anew.
/// Source: Liu et al., CVPR 2021; vMF: arXiv 2108.01431. Needs the rate.
class Prism : public TrustEstimator {
 public:
  Prism(const PrismOptions& options, const LossContext& context);
  Verdict judge(const LossBatch& batch) override;
  void observe(const LossBatch& batch, const at::Tensor& logits) override;
  std::optional<TrustTable> table() const override;
  LossState state() override;

 private:
  struct Kept {
    at::Tensor score, kept;  // float64 [B], bool [B]
    double quantile = 0;     // of this batch
    bool fell_back = false;
  };
  at::Tensor log_score(const LossBatch& batch) const;
  Kept choose(const LossBatch& batch) const;

  PrismOptions options_;
  MemoryBank bank_;
  int64_t classes_;
  at::Tensor quantiles_;      // float64 [window] on the CPU, ring
  at::Tensor filled_;         // 0-d int64 on the CPU: batches since the window began
  at::Tensor score_, trust_;  // float64 [N] log of the last score; float64 [N] last trust
  at::Tensor seen_;           // bool [N]
};

/// log C_D(kappa) = (D/2 - 1) log kappa - (D/2) log 2 pi - log I_{D/2-1}(kappa), by the uniform asymptotic expansion of
/// the Bessel function; off by about 1 / (6 D - 12) for small kappa. @param kappa  float64, > 0
at::Tensor log_vmf_constant(const at::Tensor& kappa, int64_t dim);

}  // namespace winnow
