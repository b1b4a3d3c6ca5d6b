#pragma once

#include "losses/triplet_miner.h"

namespace winnow {

struct DynamicSoftMarginOptions : PairOptions {
  int64_t bins = 10;
  double least = -2.0, momentum = 0.01;
  TripletMiner mining;
  void visit(OptionVisitor& v) override;
};

/// x = d_ap - d_an of each triplet, weighted (without gradient) by the running share of triplets with a smaller x:
/// hard triplets count fully, easy ones hardly. The running histogram over [least, -least] is kept with `momentum`; the
/// batch at hand is in it.
/// Source: Zhang and Rusinkiewicz, ICCV 2019. Defaults as pytorch-metric-learning 2.9.
class DynamicSoftMargin : public PairLoss {
 public:
  DynamicSoftMargin(const DynamicSoftMarginOptions& options, const LossContext& context);
  /// Keeps the histogram that the last forward() made.
  void after_step(const LossBatch& batch, const Targets& targets) override;
  LossState state() override { return {{"histogram", histogram_}}; }

 protected:
  void add_items(const PairView& view, LossResult& result) override;

 private:
  at::Tensor updated(const at::Tensor& gaps) const;
  at::Tensor bin_of(const at::Tensor& gaps) const;

  DynamicSoftMarginOptions options_;
  uint64_t seed_;
  at::Tensor histogram_, pending_;  // [bins + 1]
};

}  // namespace winnow
