#pragma once

#include "losses/pair_loss.h"

namespace winnow {

struct MultiSimilarityOptions : PairOptions {
  double alpha = 2.0, beta = 50.0, base = 0.5, epsilon = 0.1;
  bool miner = true;
  void visit(OptionVisitor& v) override;
};

/// Multi-similarity loss of each anchor,
///   1/alpha log(1 + sum_p t_p e^{-alpha (S_p - base)}) + 1/beta log(1 + sum_n e^{beta (S_n - base)}),
/// t the trust of the positive. With its miner only pairs count that are within epsilon of the other kind:
/// S_n > min S_p - epsilon, S_p < max S_n + epsilon. The miner seeks out wrong labels.
/// Source: Wang et al., CVPR 2019. Defaults as pytorch-metric-learning 2.9.
class MultiSimilarity : public PairLoss {
 public:
  MultiSimilarity(const MultiSimilarityOptions& options, const LossContext& context)
      : PairLoss("multi_similarity", options, context), options_(options) {}

 protected:
  void add_items(const PairView& view, LossResult& result) override;

 private:
  MultiSimilarityOptions options_;
};

}  // namespace winnow
