#pragma once

#include "losses/margin_head.h"

namespace winnow {

struct CurricularFaceOptions : MarginOptions {
  double margin = 0.5, average = 0.01;
  void visit(OptionVisitor& v) override;
};

/// ArcFace that makes hard classes heavier as training goes on: another class whose cosine exceeds psi gets
/// phi_j = cos_j (t + cos_j), t the running mean of the cosine with the given label, from 0, the batch at hand
/// included. Emphasises wrong labels: a known-bad control under noise. Source: Huang et al., CVPR 2020.
class CurricularFace : public MarginHead {
 public:
  CurricularFace(const CurricularFaceOptions& options, const LossContext& context);
  /// Keeps the t that the last forward() made.
  void after_step(const LossBatch& batch, const Targets& targets) override;
  LossState state() override { return {{"t", t_}}; }

 protected:
  void begin(const LossBatch& batch, const at::Tensor& cosine) override;
  at::Tensor target_cosine(const at::Tensor& cosine, const at::Tensor& items) const override;
  at::Tensor other_cosines(const at::Tensor& cosine, const at::Tensor& psi) const override;
  bool depends_on_label() const override { return true; }

 private:
  CurricularFaceOptions options_;
  at::Tensor t_, pending_;  // 0-d float64
  double margin_ = 0, t_now_ = 0;
};

}  // namespace winnow
