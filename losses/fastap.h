#pragma once

#include "losses/pair_loss.h"

namespace winnow {

struct FastApOptions : PairOptions {
  int64_t bins = 10;
  void visit(OptionVisitor& v) override;
};

/// 1 - AP of each anchor that has positives, from soft histograms of squared distances d^2 in [0, 4] with `bins` + 1
/// triangular bins: AP = 1/n+ sum_l h+_l H+_l / H_l (H the running sums). Histograms of positives are weighted by
/// trust. Source: Cakir et al., CVPR 2019. Defaults as pytorch-metric-learning 2.9.
class FastAp : public PairLoss {
 public:
  FastAp(const FastApOptions& options, const LossContext& context)
      : PairLoss("fastap", options, context), options_(options) {}

 protected:
  void add_items(const PairView& view, LossResult& result) override;

 private:
  FastApOptions options_;
};

}  // namespace winnow
