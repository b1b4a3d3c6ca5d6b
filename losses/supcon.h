#pragma once

#include "losses/pair_loss.h"

namespace winnow {

struct SupConOptions : PairOptions {
  double temperature = 0.1;
  void visit(OptionVisitor& v) override;
};

/// Supervised contrastive loss of each anchor that has positives,
///   -mean_p [ S_p/T - log sum_{a != i} e^{S_a/T} ],
/// the mean weighted by the trust of the positive.
/// Source: Khosla et al., NeurIPS 2020 (L_out). Defaults as pytorch-metric-learning 2.9.
class SupCon : public PairLoss {
 public:
  SupCon(const SupConOptions& options, const LossContext& context)
      : PairLoss("supcon", options, context), options_(options) {}

 protected:
  void add_items(const PairView& view, LossResult& result) override;

 private:
  SupConOptions options_;
};

}  // namespace winnow
