#pragma once

#include "losses/pair_loss.h"

namespace winnow {

struct RankedListOptions : PairOptions {
  double margin = 0.4, alpha = 1.2, imbalance = 0.5, negative_temperature = 10.0, positive_temperature = 0.0;
  void visit(OptionVisitor& v) override;
};

/// Ranked list loss of each anchor, d the Euclidean distance of unit vectors: with the sets of violating pairs
///   P = {d > alpha - margin}, weights e^{Tp (d - (alpha - margin))};  N = {d < alpha}, weights e^{Tn (alpha - d)},
///   (1 - imbalance) wmean_P (d - (alpha - margin)) + imbalance wmean_N (alpha - d).
/// The weights of P are multiplied by the trust of the positive.
/// Source: Wang et al., CVPR 2019; weights as pytorch-metric-learning 2.9 (1e-5 a partner is added to the divisors).
class RankedList : public PairLoss {
 public:
  RankedList(const RankedListOptions& options, const LossContext& context)
      : PairLoss("ranked_list", options, context), options_(options) {}

 protected:
  void add_items(const PairView& view, LossResult& result) override;

 private:
  RankedListOptions options_;
};

}  // namespace winnow
