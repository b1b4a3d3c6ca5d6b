#pragma once

#include "losses/margin_head.h"

namespace winnow {

struct SubCentreArcFaceOptions : MarginOptions {
  double margin = 0.5;
  int64_t centres = 3;
  double drop_angle = 75.0, drop_start = 1.0;
  void visit(OptionVisitor& v) override;
};

/// ArcFace with several vectors a class: cos_j = max_k w_jk z. Wrong pictures gather at the vectors that few choose.
/// From drop_start on, a picture whose angle to the dominant vector of its given class (the one its pictures have
/// chosen most often so far) exceeds drop_angle has loss 0. Source: Deng et al., ECCV 2020. The paper drops once, after
/// training, and trains again with one vector; outliers() serves that and the audit.
class SubCentreArcFace : public MarginHead {
 public:
  SubCentreArcFace(const SubCentreArcFaceOptions& options, const LossContext& context);
  void after_step(const LossBatch& batch, const Targets& targets) override;
  LossState state() override { return {{"choices", choices_}}; }
  bool robust() const override { return options_.centres > 1; }

  /// Pictures farther than drop_angle from the vector that most pictures of their label (among those given) choose.
  /// @param z       unit rows [M, D]
  /// @param labels  int64 [M]
  /// @return bool [M]
  at::Tensor outliers(const at::Tensor& z, const at::Tensor& labels) const;

 protected:
  void begin(const LossBatch& batch, const at::Tensor& cosine) override;
  at::Tensor target_cosine(const at::Tensor& cosine, const at::Tensor& items) const override;
  at::Tensor row_values(const at::Tensor& cosine, const at::Tensor& labels, const at::Tensor& items) const override;
  bool depends_on_label() const override;

 private:
  at::Tensor own_cosines(const at::Tensor& z, const at::Tensor& labels) const;
  at::Tensor counts(const at::Tensor& own, const at::Tensor& labels) const;

  SubCentreArcFaceOptions options_;
  at::Tensor choices_;  // [C, centres], how often each vector was the nearest of its class, fading
  at::Tensor kept_;     // bool [B], of the batch at hand; undefined = all
  double margin_ = 0;
};

}  // namespace winnow
