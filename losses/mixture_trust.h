#pragma once

#include "losses/class_centres.h"
#include "losses/gaussian_mixture.h"
#include "losses/loss.h"

namespace winnow {

struct MixtureTrustOptions : Options {
  std::string signal = "margin";
  double keep = 0.6, separation = 1.6, wrong_below = 0.0;
  int64_t every = 0, least_class = 4;
  void visit(OptionVisitor& v) override;
};

/// Trust from a two-component mixture over each picture's running score, told no noise rate.
///   margin: z c_y - max_{k != y} z c_k, c the running class centres of trusted pictures (z_teacher where there is one)
///   loss:   log p_y of the classification loss, as DivideMix has it with the sign turned
///   score_i <- keep score_i + (1 - keep) now_i, from the second half of the first epoch on
/// The mixture is fitted at the end of each epoch, or every `every` steps. Trust is the posterior of the high component
/// and the rate the weight of the low one, under two guards. While the components are less than `separation` apart
/// (d'), nothing is filtered: trust 1, rate 0. For the margin the low mean must be under `wrong_below`: a fit whose low
/// heap looks right filters nothing either, unless one was in force before, which then stays: with a sampler that draws
/// distrusted pictures rarely what is left below comes to look right, and to let it in at once would have it learnt by
/// heart. Pictures of classes under `least_class` pictures, and those never scored, are trusted. Not thread-safe.
/// Source: losses.md 8.3; Li et al., ICLR 2020 (loss).
class MixtureTrust : public TrustEstimator {
 public:
  MixtureTrust(const MixtureTrustOptions& options, const LossContext& context);

  Verdict judge(const LossBatch& batch) override;
  /// @throws Error(kConfig) for signal: loss without a classification loss
  void observe(const LossBatch& batch, const at::Tensor& logits) override;
  void end_epoch(int64_t epoch) override;
  bool needs_teacher() const override { return options_.signal == "margin"; }
  std::optional<TrustTable> table() const override;
  LossState state() override;

 private:
  at::Tensor score(const LossBatch& batch, const at::Tensor& z, const at::Tensor& logits) const;
  void remember(const LossBatch& batch, const at::Tensor& now);
  void fit();
  at::Tensor trust_of(const at::Tensor& scores, const at::Tensor& known) const;

  MixtureTrustOptions options_;
  int64_t first_scored_step_;
  ClassCentres centres_;
  at::Tensor score_;     // float64 [N], 0 where never scored
  at::Tensor scored_;    // bool [N]
  at::Tensor small_;     // bool [N], belongs to a class of too few pictures
  at::Tensor fit_;       // float64 [6] on the CPU: the mixture's five numbers, then 1 once fitted
  at::Tensor accepted_;  // the same of the mixture that is in force, zeros for none
};

}  // namespace winnow
