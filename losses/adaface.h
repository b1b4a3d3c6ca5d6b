#pragma once

#include "losses/margin_head.h"

namespace winnow {

struct AdaFaceOptions : MarginOptions {
  double margin = 0.4, concentration = 0.333, average = 0.01;
  void visit(OptionVisitor& v) override;
};

/// Margin that follows picture quality, read from the norm of the raw embedding (held in [1e-3, 100], no gradient):
///   g = clip(concentration (||f|| - mean) / (std + 1e-3), -1, 1);  psi = cos(theta - m g) - (m + m g),
/// theta - m g held in [1e-3, pi - 1e-3]. mean and std are running averages over the steps, the batch at hand included.
/// Source: Kim et al., CVPR 2022.
class AdaFace : public MarginHead {
 public:
  AdaFace(const AdaFaceOptions& options, const LossContext& context);
  /// Keeps the averages that the last forward() made.
  void after_step(const LossBatch& batch, const Targets& targets) override;
  LossState state() override { return {{"norm_mean", mean_}, {"norm_std", std_}}; }

 protected:
  void begin(const LossBatch& batch, const at::Tensor& cosine) override;
  at::Tensor target_cosine(const at::Tensor& cosine, const at::Tensor& items) const override;

 private:
  AdaFaceOptions options_;
  at::Tensor mean_, std_;  // 0-d float64
  at::Tensor pending_mean_, pending_std_;
  at::Tensor margin_;  // [B], m g of the batch at hand
  double margin_now_ = 0;
};

}  // namespace winnow
