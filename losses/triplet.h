#pragma once

#include "losses/triplet_miner.h"

namespace winnow {

struct TripletOptions : PairOptions {
  double margin = 0.05;
  bool soft = false, swap = false;
  TripletMiner mining;
  void visit(OptionVisitor& v) override;
};

/// Triplet loss on Euclidean distances of unit vectors: [d_ap - d_an + margin]+, or log(1 + e^{...}) with `soft`.
/// swap: the nearer of d_an and d_pn counts as the negative's distance (batch only).
/// Source: Schroff et al., CVPR 2015; Hermans et al., 2017. Defaults as pytorch-metric-learning 2.9.
class Triplet : public PairLoss {
 public:
  Triplet(const TripletOptions& options, const LossContext& context)
      : PairLoss("triplet", options, context), options_(options), seed_(context.seed) {}

 protected:
  void add_items(const PairView& view, LossResult& result) override;

 private:
  TripletOptions options_;
  uint64_t seed_;
};

}  // namespace winnow
