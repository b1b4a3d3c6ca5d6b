#pragma once

#include "losses/pair_loss.h"

namespace winnow {

struct HistogramOptions : PairOptions {
  int64_t bins = 100;
  void visit(OptionVisitor& v) override;
};

/// Probability that a random negative pair is more similar than a random positive one, from soft histograms of the
/// cosines of unordered pairs: sum_r h-_r sum_{q <= r} h+_q. Positives count with the product of their trust.
/// Source: Ustinova and Lempitsky, NIPS 2016. Defaults as pytorch-metric-learning 2.9.
class Histogram : public PairLoss {
 public:
  Histogram(const HistogramOptions& options, const LossContext& context)
      : PairLoss("histogram", options, context), options_(options) {}

 protected:
  void add_items(const PairView& view, LossResult& result) override;

 private:
  HistogramOptions options_;
};

}  // namespace winnow
