#pragma once

#include "losses/collapse_guards.h"
#include "losses/peers.h"

namespace winnow {

struct DivideMixOptions : Options {
  double warmup = 0.1, p_threshold = 0.5, temperature = 0.5, alpha = 4.0, lambda_u = 25.0, ramp_epochs = 16.0;
  double balance = 1.0, confidence_penalty = 0.0, keep = 0.0, separation = 0.0;
  int64_t views = 2;
  void visit(OptionVisitor& v) override;
};

/// Two networks that split the pictures for one another and learn from both parts by MixMatch.
///   warm-up   both learn from the given labels (whole epochs, at least one), + confidence_penalty sum_k p_k log p_k
///   split     at each epoch's end two Gaussians over each network's losses, scaled to [0, 1]; w = P(low | loss). What
///             has w > p_threshold by the *other* network is labelled, the rest unlabelled
///   labelled  q = sharpen(w e_y + (1 - w) p), p the own prediction, mean over the views
///   unlabelled q = sharpen((p_a + p_b) / 2)
///   blend     pictures and q in pairs, share max(l, 1 - l) of the own one, l ~ Beta(alpha, alpha)
///   loss      the run's losses on labelled places + lambda mean (p - q)^2 on unlabelled ones + balance KL(uniform ||
///             mean p); lambda rises from 0 to lambda_u over ramp_epochs after the warm-up
/// Where this differs from the authors' program: both networks take each step together, on one batch that is split in
/// place; losses are those of the epoch's own visits, not of a pass of their own; predictions are made in evaluation
/// mode; KL is averaged over batches where one has under four pictures a class (BalanceTerm). Not thread-safe.
/// Source: Li et al., ICLR 2020; Berthelot et al., NeurIPS 2019 (MixMatch).
class DivideMix : public PeerRule, public PeerTeacher {
 public:
  /// @throws Error(kConfig) without a number of pictures and steps
  DivideMix(const DivideMixOptions& options, const LossContext& context);

  PeerVerdict judge(const PeerBatch& batch) override;
  PeerTeacher* teacher(int64_t step) override;
  PeerLesson teach(const PeerBatch& batch) override;
  at::Tensor blended_term(int64_t step, int network, const at::Tensor& logits, const Lesson& blended) override;
  void end_epoch(int64_t epoch) override;
  std::map<std::string, double> log() const override;
  std::optional<TrustTable> table() const override;
  LossState state() override;
  bool decides_alone() const override { return true; }
  int64_t views() const override { return options_.views; }

  /// lambda at a step (0-based, of the whole run).
  double unlabelled_weight(int64_t step) const;

 private:
  /// What is known by one network.
  struct Side {
    at::Tensor loss;   // float64 [N], 0 where never seen
    at::Tensor clean;  // float64 [N], w; 1 where nothing is known
    at::Tensor fit;  // float64 [3] on the CPU: separation, share of the high component that is filtered, 1 once fitted
    BalanceTerm balance;
  };
  Side make_side(const LossContext& context) const;
  void remember(const PeerBatch& batch);
  void fit(Side& side) const;
  Lesson lesson(const PeerBatch& batch, const at::Tensor& own, const at::Tensor& guess, const Side& other) const;

  DivideMixOptions options_;
  int64_t steps_per_epoch_, warmup_steps_;
  Side a_, b_;
  at::Tensor seen_;  // bool [N]
};

std::unique_ptr<PeerRule> make_dividemix(const Options& options, const LossContext& context);

/// Each row's mean over all rows of the batch that are views of the same picture, [B, K].
/// @param rows  int64 [B]
at::Tensor mean_over_views(const at::Tensor& values, const at::Tensor& rows);

/// p^(1/T) / sum p^(1/T), row by row. @param p  [B, C], rows sum to 1
at::Tensor sharpen(const at::Tensor& p, double temperature);

}  // namespace winnow
