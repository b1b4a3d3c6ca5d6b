#pragma once

#include "losses/pair_loss.h"

namespace winnow {

struct TupletMarginOptions : PairOptions {
  double margin = 5.73, scale = 64.0;
  void visit(OptionVisitor& v) override;
};

/// Tuplet margin loss of each ordered positive pair, theta the angle of the pair:
///   log(1 + sum_n e^{scale (S_an - cos(theta_ap - margin))}).
/// Source: Yu and Tao, ICCV 2019. Defaults as pytorch-metric-learning 2.9.
class TupletMargin : public PairLoss {
 public:
  TupletMargin(const TupletMarginOptions& options, const LossContext& context)
      : PairLoss("tuplet_margin", options, context), options_(options) {}

 protected:
  void add_items(const PairView& view, LossResult& result) override;

 private:
  TupletMarginOptions options_;
};

}  // namespace winnow
