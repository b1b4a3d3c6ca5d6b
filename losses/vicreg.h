#pragma once

#include "losses/pair_loss.h"

namespace winnow {

struct VicRegOptions : PairOptions {
  double invariance = 25.0, variance = 25.0, covariance = 1.0, eps = 1e-4;
  void visit(OptionVisitor& v) override;
};

/// Variance-invariance-covariance of raw embeddings, positives of a class taking the place of two views:
///   invariance: mean_d (x_a - x_p)^2 of each ordered positive pair;
///   variance: mean_d [1 - sqrt(var_d + eps)]+ over the batch;  covariance: sum of squared off-diagonal entries / D.
/// Source: Bardes et al., ICLR 2022.
class VicReg : public PairLoss {
 public:
  VicReg(const VicRegOptions& options, const LossContext& context)
      : PairLoss("vicreg", options, context), options_(options) {}

 protected:
  void add_items(const PairView& view, LossResult& result) override;

 private:
  VicRegOptions options_;
};

}  // namespace winnow
