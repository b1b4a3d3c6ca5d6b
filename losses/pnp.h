#pragma once

#include "losses/pair_loss.h"

namespace winnow {

struct PnpOptions : PairOptions {
  std::string variant = "O";
  double temperature = 0.01, alpha = 1.0, b = 2.0;
  void visit(OptionVisitor& v) override;
};

/// Penalises the negatives that come before a positive, R_k = sum_n sigmoid((S_n - S_k) / T), mean over an anchor's
/// positives k and the anchor itself, by a function of R:
///   O: R;  Ds: log(1 + R);  Dq: 1 - (1 + R)^-alpha;  Iu: (1 + R) log(1 + R);  Ib: (b R - log(1 + b R)) / b^2.
/// Positives are weighted by trust. Memory is (positive pairs) x B floats.
/// Source: Li et al., AAAI 2022 (the paper prefers Dq, alpha 8). Defaults as pytorch-metric-learning 2.9.
class Pnp : public PairLoss {
 public:
  Pnp(const PnpOptions& options, const LossContext& context) : PairLoss("pnp", options, context), options_(options) {}

 protected:
  void add_items(const PairView& view, LossResult& result) override;

 private:
  PnpOptions options_;
};

}  // namespace winnow
