#pragma once

#include <memory>

#include "losses/collapse_guards.h"
#include "losses/item_memory.h"
#include "losses/loss.h"

namespace winnow {

// Policies whose target is a distribution. `labels` is its largest class, for losses that take no soft target. Items
// weigh what the estimator trusts them.

struct SelcOptions : Options {
  double decay = 0.9, start = 0.2;
  int64_t top = 0;
  void visit(OptionVisitor& v) override;
};

/// q_i starts as the given label; from `start` on q <- decay q + (1 - decay) p and q is the target.
/// Memory: N C, or the `top` largest entries, then made to sum to 1 again.
/// Source: Lu and He, IJCAI 2022; CIFAR-10 start at epoch 40 of 200 (20 % noise) to 30 (60 %).
class Selc : public TargetPolicy {
 public:
  Selc(const SelcOptions& options, const LossContext& context);
  /// @throws Error(kConfig) without the scores of a classification loss
  Targets apply(const LossBatch& batch, const Verdict& verdict, const at::Tensor& logits, Random& random) override;
  LossState state() override { return memory_.state(); }
  bool rewrites_labels() const override { return true; }
  std::map<std::string, double> log() const override { return log_; }

 private:
  SelcOptions options_;
  PredictionMemory memory_;
  std::map<std::string, double> log_;
};

struct ProSelfLcOptions : Options {
  double sharpness = 10.0, middle = 0.5;
  void visit(OptionVisitor& v) override;
};

/// (1 - eps) e_y + eps p, eps = g(t) l(p): g = 1 / (1 + e^{-sharpness (t - middle)}) grows with time t,
/// l = 1 - H(p) / log C is high for confident predictions. p is constant to the gradient.
/// Source: Wang et al., CVPR 2021 (b and rho of its code), t the share of training.
class ProSelfLc : public TargetPolicy {
 public:
  ProSelfLc(const ProSelfLcOptions& options, const LossContext&) : options_(options) {}
  /// @throws Error(kConfig) without the scores of a classification loss
  Targets apply(const LossBatch& batch, const Verdict& verdict, const at::Tensor& logits, Random& random) override;
  bool rewrites_labels() const override { return true; }
  std::map<std::string, double> log() const override { return log_; }

 private:
  ProSelfLcOptions options_;
  std::map<std::string, double> log_;
};

struct JointOptions : Options {
  double start = 0.3, decay = 0.9, balance = 1.2, entropy = 0.8;
  int64_t top = 0;
  void visit(OptionVisitor& v) override;
};

/// From `start` on the target is each picture's average prediction (a running average that begins at once), and the
/// loss gets balance KL(uniform || mean p) + entropy H(p). The authors average the last 10 epochs instead and need a
/// high learning rate in the first part.
/// Source: Tanaka et al., CVPR 2018; 70 % symmetric 1.2 and 0.8, 40 % asymmetric 0.8 and 0.4.
class JointOptimization : public TargetPolicy {
 public:
  JointOptimization(const JointOptions& options, const LossContext& context);
  /// @throws Error(kConfig) without the scores of a classification loss
  Targets apply(const LossBatch& batch, const Verdict& verdict, const at::Tensor& logits, Random& random) override;
  at::Tensor regulariser(const at::Tensor& logits) override;
  LossState state() override;
  bool rewrites_labels() const override { return true; }
  std::map<std::string, double> log() const override { return log_; }

 private:
  JointOptions options_;
  PredictionMemory memory_;
  BalanceTerm balance_;
  std::map<std::string, double> log_;
};

}  // namespace winnow
