#pragma once

#include "losses/pair_loss.h"

namespace winnow {

struct GeneralizedLiftedOptions : PairOptions {
  double pos_margin = 0.0, neg_margin = 1.0;
  void visit(OptionVisitor& v) override;
};

/// Generalised lifted structure loss of each anchor, d the Euclidean distance of unit vectors:
///   [ log sum_p t_p e^{d_ap - pos_margin} + log sum_n e^{neg_margin - d_an} ]+, t the trust of the positive; an empty
/// sum counts as 0.
/// Source: Hermans et al., 2017, eq. 10. Defaults as pytorch-metric-learning 2.9.
class GeneralizedLifted : public PairLoss {
 public:
  GeneralizedLifted(const GeneralizedLiftedOptions& options, const LossContext& context)
      : PairLoss("generalized_lifted", options, context), options_(options) {}

 protected:
  void add_items(const PairView& view, LossResult& result) override;

 private:
  GeneralizedLiftedOptions options_;
};

}  // namespace winnow
