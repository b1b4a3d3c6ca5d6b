#pragma once

#include "losses/item_memory.h"
#include "losses/loss.h"

namespace winnow {

struct O2uOptions : Options {
  double rate = 0.2, start = 0.5;
  void visit(OptionVisitor& v) override;
};

/// Ranks pictures by their mean loss over the training so far, each epoch's losses centred on that epoch's mean, and
/// from the first epoch that ends after `start` drops the largest `rate` (trust 0), for good. Meant for a learning rate
/// that swings up and down in the first part (`training.schedule`).
/// Source: Huang et al., ICCV 2019. Needs the rate.
class O2u : public TrustEstimator {
 public:
  O2u(const O2uOptions& options, const LossContext& context);
  Verdict judge(const LossBatch& batch) override;
  /// @throws Error(kConfig) without the scores of a classification loss
  void observe(const LossBatch& batch, const at::Tensor& logits) override;
  void end_epoch(int64_t epoch) override;
  std::optional<TrustTable> table() const override;
  LossState state() override;

 private:
  O2uOptions options_;
  int64_t total_steps_;
  at::Tensor epoch_loss_, epoch_visits_;  // float64 [N], of the epoch under way
  at::Tensor loss_, visits_;              // float64 [N], sum of centred losses, of how many visits
  at::Tensor trust_;                      // float64 [N]
  at::Tensor steps_, ranked_;             // 0-d int64 and bool on the CPU
};

struct ConfidentOptions : Options {
  double decay = 0.7;
  int64_t top = 0, start_epoch = 1;
  void visit(OptionVisitor& v) override;
};

/// Confident learning during training. q_i is each picture's average prediction; at the end of an epoch
///   t_j = mean q_ij over pictures labelled j;  a picture is confidently k when q_ik >= t_k (the largest such q)
///   the share of wrong labels of class y = confidently another / confidently any
/// and of each class that many of the pictures with the smallest own q are distrusted (trust 0), one at least is kept.
/// The prediction is of the network in training, not out of fold, so it must be read before wrong labels are memorised.
/// Source: Northcutt et al., JAIR 2021 (prune by class).
class ConfidentTrust : public TrustEstimator {
 public:
  ConfidentTrust(const ConfidentOptions& options, const LossContext& context);
  Verdict judge(const LossBatch& batch) override;
  /// @throws Error(kConfig) without the scores of a classification loss
  void observe(const LossBatch& batch, const at::Tensor& logits) override;
  void end_epoch(int64_t epoch) override;
  std::optional<TrustTable> table() const override;
  LossState state() override;

 private:
  at::Tensor own_average(const at::Tensor& rows) const;
  at::Tensor thresholds(const at::Tensor& rows) const;
  /// @param share  float64 [C], of each class's pictures to distrust
  void prune(const at::Tensor& rows, const at::Tensor& share);

  ConfidentOptions options_;
  int64_t classes_;
  PredictionMemory memory_;
  at::Tensor label_;  // int64 [N], -1 where never seen
  at::Tensor trust_;  // float64 [N]
  at::Tensor rate_;   // 0-d float64 on the CPU, -1 before the first pruning
};

}  // namespace winnow
