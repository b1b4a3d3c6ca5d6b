#pragma once

#include "losses/pair_loss.h"

namespace winnow {

struct NtXentOptions : PairOptions {
  double temperature = 0.07;
  void visit(OptionVisitor& v) override;
};

/// Normalised temperature cross entropy (InfoNCE) of each positive pair against the anchor's negatives,
///   -log e^{S_p/T} / (e^{S_p/T} + sum_n e^{S_n/T}).
/// Source: van den Oord et al., 2018; Chen et al., ICML 2020. Defaults as pytorch-metric-learning 2.9.
class NtXent : public PairLoss {
 public:
  NtXent(const NtXentOptions& options, const LossContext& context)
      : PairLoss("ntxent", options, context), options_(options) {}

 protected:
  void add_items(const PairView& view, LossResult& result) override;

 private:
  NtXentOptions options_;
};

}  // namespace winnow
