#pragma once

#include "losses/pair_loss.h"

namespace winnow {

struct NcaOptions : PairOptions {
  double scale = 1.0;
  void visit(OptionVisitor& v) override;
};

/// Neighbourhood components analysis of each anchor that has positives, d^2 the squared distance of unit vectors:
///   -log sum_p t_p e^{-scale d^2_ap} / sum_{j != a} e^{-scale d^2_aj}, t the trust of the positive.
/// Source: Goldberger et al., NIPS 2004. Defaults as pytorch-metric-learning 2.9.
class Nca : public PairLoss {
 public:
  Nca(const NcaOptions& options, const LossContext& context) : PairLoss("nca", options, context), options_(options) {}

 protected:
  void add_items(const PairView& view, LossResult& result) override;

 private:
  NcaOptions options_;
};

}  // namespace winnow
