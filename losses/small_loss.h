#pragma once

#include "losses/loss.h"

namespace winnow {

struct SmallLossOptions : Options {
  double rate = -1.0, ramp = 0.05;
  void visit(OptionVisitor& v) override;
};

/// Keeps the given labels of the (1 - R(t)) smallest cross entropies of a batch; the others weigh 0.
/// R(t) = R min(1, t / ramp). R is the true rate of wrong labels, or (-1) what the trust estimator has found so far.
/// Source: Han et al., NeurIPS 2018 (the selection of Co-teaching, with one network); ramp of 10 in 200 epochs.
class SmallLoss : public TargetPolicy {
 public:
  SmallLoss(const SmallLossOptions& options, const LossContext&) : options_(options) {}
  /// @throws Error(kConfig) without the scores of a classification loss
  Targets apply(const LossBatch& batch, const Verdict& verdict, const at::Tensor& logits, Random& random) override;
  std::map<std::string, double> log() const override { return log_; }  ///< "dropped", share of the batch

 private:
  SmallLossOptions options_;
  std::map<std::string, double> log_;
};

}  // namespace winnow
