#pragma once

#include "losses/pair_loss.h"

namespace winnow {

struct LiftedOptions : PairOptions {
  double pos_margin = 0.0, neg_margin = 1.0;
  void visit(OptionVisitor& v) override;
};

/// Lifted structure loss of each ordered positive pair, d the Euclidean distance of unit vectors:
///   [ log(sum_n e^{neg_margin - d_an} + sum_n e^{neg_margin - d_pn}) + d_ap - pos_margin ]+^2 / 2;
/// against a memory only the anchor's negatives count.
/// Source: Oh Song et al., CVPR 2016. Defaults as pytorch-metric-learning 2.9.
class Lifted : public PairLoss {
 public:
  Lifted(const LiftedOptions& options, const LossContext& context)
      : PairLoss("lifted", options, context), options_(options) {}

 protected:
  void add_items(const PairView& view, LossResult& result) override;

 private:
  LiftedOptions options_;
};

}  // namespace winnow
