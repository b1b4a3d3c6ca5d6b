#pragma once

#include "losses/margin_head.h"

namespace winnow {

struct BoundaryFaceOptions : MarginOptions {
  double margin = 0.5, relabel_start = 0.35, hard_weight = 3.14159;
  BoundaryFaceOptions() { scale = 32.0; }
  void visit(OptionVisitor& v) override;
};

/// ArcFace that, from relabel_start on, gives a picture the label j = argmax_{j != y} cos_j when
/// cos(theta_j + m) > cos(theta_y): closer to another class than the margin allows. Adds hard_weight times
/// [max_{j != y} cos_j - cos(theta_y + m)]+ with the label in force. It rewrites labels by itself: do not put it under
/// a target policy that does so too. Source: Wu and Gong, ECCV 2022.
class BoundaryFace : public MarginHead {
 public:
  BoundaryFace(const BoundaryFaceOptions& options, const LossContext& context)
      : MarginHead("boundaryface", options, context), options_(options) {}
  bool robust() const override { return true; }

 protected:
  void begin(const LossBatch& batch, const at::Tensor& cosine) override;
  at::Tensor target_cosine(const at::Tensor& cosine, const at::Tensor& items) const override;
  at::Tensor row_values(const at::Tensor& cosine, const at::Tensor& labels, const at::Tensor& items) const override;
  bool depends_on_label() const override { return true; }

 private:
  BoundaryFaceOptions options_;
  double margin_ = 0;
  bool relabels_ = false;
};

}  // namespace winnow
