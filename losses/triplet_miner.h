#pragma once

#include <string>
#include <vector>

#include "losses/pair_loss.h"

namespace winnow {

/// Positions of anchors in the batch, of positives and negatives among the partners; int64 [M] each.
struct Triplets {
  at::Tensor anchor, positive, negative;
  int64_t size() const { return anchor.size(0); }
};

/// Which triplets of a view a loss sees. d is the Euclidean distance of unit vectors.
///   all                every (anchor, positive, negative)
///   violating          d_an - d_ap <= margin;  hard: d_an <= d_ap;  semihard: 0 < d_an - d_ap <= margin;  easy: the
///   rest batch_hard         farthest positive and nearest negative of each anchor (Hermans et al., 2017) batch_easy
///   nearest positive, and the nearest negative that is farther than it distance_weighted  one negative drawn for each
///   positive pair with probability ~ 1 / q(d), d held above 0.5, only
///                      d < 1.4 (Wu et al., ICCV 2017); the draw depends on (seed, rows of the pair, step) alone
///   angular            angle at the negative over `angle` degrees (Wang et al., ICCV 2017)
/// Source: pytorch-metric-learning 2.9 (TripletMarginMiner, BatchHardMiner, BatchEasyHardMiner, AngularMiner).
struct TripletMiner : Options {
  std::string miner = "all";
  double miner_margin = 0.2, miner_angle = 20.0;
  void visit(OptionVisitor& v) override;

  /// Memory is (positive pairs) x N bytes for all but the batch_ and distance_weighted ones.
  Triplets mine(const PairView& view, uint64_t seed) const;
};

/// Every (anchor, positive, negative) of a view.
Triplets all_triplets(const PairView& view);

}  // namespace winnow
