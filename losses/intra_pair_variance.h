#pragma once

#include "losses/pair_loss.h"

namespace winnow {

struct IntraPairVarianceOptions : PairOptions {
  double pos_eps = 0.01, neg_eps = 0.01;
  void visit(OptionVisitor& v) override;
};

/// Intra-pair variance: [(1 - pos_eps) mean S_p - S_p]+^2 of positive pairs, [S_n - (1 + neg_eps) mean S_n]+^2 of
/// negative ones. Goes beside a loss that separates the classes. Means of positives are weighted by trust.
/// Source: Chen et al., 2019. Defaults as pytorch-metric-learning 2.9.
class IntraPairVariance : public PairLoss {
 public:
  IntraPairVariance(const IntraPairVarianceOptions& options, const LossContext& context)
      : PairLoss("intra_pair_variance", options, context), options_(options) {}

 protected:
  void add_items(const PairView& view, LossResult& result) override;

 private:
  IntraPairVarianceOptions options_;
};

}  // namespace winnow
