#pragma once

#include <map>
#include <memory>
#include <string>

#include "losses/collapse_guards.h"
#include "losses/item_memory.h"
#include "losses/loss.h"
#include "losses/trust_schedule.h"

namespace winnow {

struct SeccnnOptions : Options {
  TrustSchedule schedule;
  std::string mode = "sampled", prediction = "current";
  double ema = 0.7;
  int64_t ema_top = 0;
  bool per_item = false;
  double balance = 1.0, freeze_share = 3.0;
  double gate = 0.0, outlier_cosine = -1.0, rate_limit = 1.0;
  int64_t stable = 1;
  void visit(OptionVisitor& v) override;
  std::vector<std::string> check() const override { return schedule.check(); }
};

/// SECCNN as a target policy over any classification loss: with probability P(t) an item keeps its given label y, else
/// it takes the class yhat that the network predicts. `sampled` draws; `expected` gives the soft target
/// P e_y + (1 - P) e_yhat, whose gradient is the mean of the draws (hard bootstrapping with beta = P).
/// An item may only be swapped if cos(yhat) - cos(y) > gate, yhat has been the same for `stable` visits and yhat is not
/// predicted `freeze_share` times more often than it is labelled. An item drawn for a swap whose best cosine is under
/// outlier_cosine gets weight 0. Weights: 1 for swapped items, the estimator's trust for the others.
/// While the estimator finds more than rate_limit of the labels wrong nothing is swapped: most swaps would be wrong
/// too. With per_item, P_i = trust_i + (1 - trust_i) P(t) once the estimator knows something, and weights are 1.
/// Source: Liu et al., FG 2017, as reconstructed in losses.md 1.2.
class Seccnn : public TargetPolicy {
 public:
  Seccnn(const SeccnnOptions& options, const LossContext& context);

  void bind(Loss* classifier) override;
  /// @throws Error(kConfig) when there are no logits, or no teacher where it is asked for
  Targets apply(const LossBatch& batch, const Verdict& verdict, const at::Tensor& logits, Random& random) override;
  LossState state() override;
  /// "trust_in_given" mean P, and shares of the batch: "disagree" yhat != y, "swapped", "dropped"; "frozen_classes".
  std::map<std::string, double> log() const override { return log_; }
  bool rewrites_labels() const override { return true; }
  bool needs_teacher() const override { return options_.prediction == "teacher"; }
  at::Tensor regulariser(const at::Tensor& logits) override { return balance_.term(logits); }

 private:
  /// What the network says of a batch, and what may be done about it.
  struct Findings {
    at::Tensor predicted;  // int64 [B], yhat
    at::Tensor may_swap;   // bool [B]
    at::Tensor outlier;    // bool [B]
  };
  Findings examine(const LossBatch& batch, const at::Tensor& logits);
  at::Tensor scores_for_prediction(const LossBatch& batch, const at::Tensor& logits) const;
  at::Tensor trust_in_given(const LossBatch& batch, const Verdict& verdict) const;
  Targets draw(const LossBatch& batch, const Findings& found, const at::Tensor& keep, const at::Tensor& weights,
               Random& random);
  Targets expect(const LossBatch& batch, const Findings& found, const at::Tensor& keep, const at::Tensor& weights);

  SeccnnOptions options_;
  int64_t classes_;
  Loss* classifier_ = nullptr;
  BalanceTerm balance_;
  ShareGuard shares_;
  std::unique_ptr<PredictionMemory> average_;
  std::unique_ptr<StableChoice> stable_;
  std::map<std::string, double> log_;
};

}  // namespace winnow
