#pragma once

#include "losses/formula_loss.h"

namespace winnow {

struct TransitionOptions : HeadOptions {
  std::string transition = "symmetric", file;
  double rate = 0.2, start = 0.2;
  void visit(OptionVisitor& v) override;
  std::vector<std::string> check() const override;
};

struct ForwardOptions : TransitionOptions {};
struct BackwardOptions : TransitionOptions {};

/// T_ij = P(given label j | true label i), [C, C], rows sum to 1.
///   symmetric: 1 - rate on the diagonal, rate / (C-1) elsewhere; closed forms, no matrix is kept
///   file:      a float .npy of [C, C]
///   anchor:    the identity until `start`, then row i is the distribution given to the picture with the largest p_i in
///              the second half of the time before; classes never seen stay identity. C^2 values are kept.
/// Source: Patrini et al., CVPR 2017. The authors take the 97th percentile instead of the largest on large sets.
class TransitionLoss : public ProbabilityLoss {
 public:
  /// @throws Error(kConfig | kData | kNotFound) for a rate or a matrix that does not fit the classes
  TransitionLoss(const char* name, const TransitionOptions& options, const LossContext& context);

  void after_step(const LossBatch& batch, const Targets& targets) override;
  LossState state() override;
  bool robust() const override { return true; }

 protected:
  at::Tensor of_labels(const LabelScores& scores) override;
  /// @param log_p  [B, C]. @return [B, C], the loss of every label under T
  virtual at::Tensor under(const at::Tensor& log_p, const at::Tensor& matrix) const = 0;
  virtual at::Tensor under_symmetric(const at::Tensor& log_p, double own, double other) const = 0;

 private:
  TransitionOptions options_;
  at::Tensor matrix_, best_;  // [C, C], [C]; undefined for symmetric
};

/// -log (p T)_y; p T is clamped at 1e-11.
class ForwardCorrection : public TransitionLoss {
 public:
  ForwardCorrection(const ForwardOptions& options, const LossContext& context)
      : TransitionLoss("forward", options, context) {}

 protected:
  at::Tensor under(const at::Tensor& log_p, const at::Tensor& matrix) const override;
  at::Tensor under_symmetric(const at::Tensor& log_p, double own, double other) const override;
};

/// Row y of T^-1 times the vector of cross entropies: unbiased, unbounded below, unstable near a singular T.
class BackwardCorrection : public TransitionLoss {
 public:
  BackwardCorrection(const BackwardOptions& options, const LossContext& context)
      : TransitionLoss("backward", options, context) {}

 protected:
  at::Tensor under(const at::Tensor& log_p, const at::Tensor& matrix) const override;
  at::Tensor under_symmetric(const at::Tensor& log_p, double own, double other) const override;
};

}  // namespace winnow
