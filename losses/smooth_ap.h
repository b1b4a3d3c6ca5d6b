#pragma once

#include "losses/pair_loss.h"

namespace winnow {

struct SmoothApOptions : PairOptions {
  double temperature = 0.01;
  bool self = true;
  void visit(OptionVisitor& v) override;
};

/// 1 - AP of each anchor that has positives, with ranks through sigmoids:
///   AP = mean_k (1 + sum_{j in P, j != k} g_jk) / (1 + sum_{j != k} g_jk),  g_jk = sigmoid((S_j - S_k) / T),
/// k over the positives, and with `self` over the anchor too (as the authors' code has it). Means and positive ranks
/// are weighted by trust. Memory is (positive pairs) x B floats, not B^3. Source: Brown et al., ECCV 2020. Defaults as
/// pytorch-metric-learning 2.9, for classes of any size.
class SmoothAp : public PairLoss {
 public:
  SmoothAp(const SmoothApOptions& options, const LossContext& context)
      : PairLoss("smooth_ap", options, context), options_(options) {}

 protected:
  void add_items(const PairView& view, LossResult& result) override;

 private:
  SmoothApOptions options_;
};

}  // namespace winnow
