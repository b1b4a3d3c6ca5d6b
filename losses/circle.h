#pragma once

#include "losses/pair_loss.h"

namespace winnow {

struct CircleOptions : PairOptions {
  double margin = 0.4, gamma = 80.0;
  void visit(OptionVisitor& v) override;
};

/// Circle loss of each anchor that has positives and negatives,
///   log(1 + sum_n e^{gamma a_n (S_n - m)} sum_p t_p e^{-gamma a_p (S_p - 1 + m)}),
///   a_p = [1 + m - S_p]+, a_n = [S_n + m]+, both without gradient; t the trust of the positive.
/// Source: Sun et al., CVPR 2020. Defaults as pytorch-metric-learning 2.9 (faces: margin 0.25, gamma 256).
class Circle : public PairLoss {
 public:
  Circle(const CircleOptions& options, const LossContext& context)
      : PairLoss("circle", options, context), options_(options) {}

 protected:
  void add_items(const PairView& view, LossResult& result) override;

 private:
  CircleOptions options_;
};

}  // namespace winnow
