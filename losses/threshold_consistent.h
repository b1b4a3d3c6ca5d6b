#pragma once

#include "losses/pair_loss.h"

namespace winnow {

struct ThresholdConsistentOptions : PairOptions {
  double pos_margin = 0.9, neg_margin = 0.5, pos_weight = 1.0, neg_weight = 1.0;
  void visit(OptionVisitor& v) override;
};

/// Threshold-consistent margin: mean of pos_margin - S over positives at or below it, and of S - neg_margin over
/// negatives at or above it; puts the classes' thresholds at one place. Goes beside a loss that separates the classes.
/// Source: Zhang et al., ICLR 2024. Defaults as pytorch-metric-learning 2.9.
class ThresholdConsistent : public PairLoss {
 public:
  ThresholdConsistent(const ThresholdConsistentOptions& options, const LossContext& context)
      : PairLoss("threshold_consistent", options, context), options_(options) {}

 protected:
  void add_items(const PairView& view, LossResult& result) override;

 private:
  ThresholdConsistentOptions options_;
};

}  // namespace winnow
