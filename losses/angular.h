#pragma once

#include "losses/pair_loss.h"

namespace winnow {

struct AngularOptions : PairOptions {
  double angle = 40.0;
  void visit(OptionVisitor& v) override;
};

/// Angular loss of each ordered positive pair,
///   log(1 + sum_n e^{4 tan^2(angle) (a + p) n - 2 (1 + tan^2(angle)) a p}), n over the anchor's negatives.
/// Source: Wang et al., ICCV 2017. Defaults as pytorch-metric-learning 2.9.
class Angular : public PairLoss {
 public:
  Angular(const AngularOptions& options, const LossContext& context)
      : PairLoss("angular", options, context), options_(options) {}

 protected:
  void add_items(const PairView& view, LossResult& result) override;

 private:
  AngularOptions options_;
};

}  // namespace winnow
