#pragma once

#include <memory>
#include <string>
#include <vector>

#include "losses/loss.h"

namespace winnow {

/// How a loss's items become a number, and what is added to them; the section `finish` of a loss.
struct FinishOptions : Options {
  std::string reducer = "mean";
  double low = 0.0, high = 0.0;
  std::vector<double> class_weights;
  double embedding_norm = 0.0, zero_mean = 0.0, weight_norm = 0.0, equal_norm = 0.0, spread = 0.0;
  void visit(OptionVisitor& v) override;
  std::vector<std::string> check() const override;
  bool changes_nothing() const;
};

/// A loss with another reducer and with regularisers. Reducers work inside each entry of items:
///   mean        as reduce_items does
///   nonzero     only values above 0 count (pytorch-metric-learning's AvgNonZeroReducer, the default of many losses)
///   threshold   only values in (low, high) count; high 0 = no upper end
///   per_anchor  the mean over anchors of each anchor's mean
///   sum         the weighted sum
/// class_weights multiply the values by the weight of the (first) item's label.
/// Regularisers, each times its weight: embedding_norm mean_i ||f_i||;  zero_mean mean_i |sum_d f_id|;  of the class
/// vectors w: weight_norm mean_j ||w_j||;  equal_norm mean_j (||w_j||^2 - mean ||w||^2)^2 / 4 (center-invariant);
/// spread mean_j max_{k != j} cos(w_j, w_k) (RegularFace; C x C memory).
/// Source: reducers and regularisers of pytorch-metric-learning 2.9.
class FinishedLoss : public Loss {
 public:
  /// @throws Error(kConfig) when class_weights are not one for each class, or class vectors are asked for and the loss
  ///         has none
  FinishedLoss(std::unique_ptr<Loss> loss, const FinishOptions& options, const LossContext& context);

  LossResult forward(const LossBatch& batch, const Targets& targets) override;
  at::Tensor logits(const LossBatch& batch) override { return loss_->logits(batch); }
  double cosine_scale() const override { return loss_->cosine_scale(); }
  void after_step(const LossBatch& batch, const Targets& targets) override { loss_->after_step(batch, targets); }
  std::vector<std::pair<std::string, at::Tensor>> parameters() override { return loss_->parameters(); }
  LossState state() override { return loss_->state(); }
  void load_state(const LossState& state) override { loss_->load_state(state); }
  bool needs_pairs() const override { return loss_->needs_pairs(); }
  bool robust() const override { return loss_->robust(); }
  bool needs_teacher() const override { return loss_->needs_teacher(); }
  Loss& inner() { return *loss_; }

 private:
  LossItems finished(const LossItems& items, const Targets& targets) const;
  at::Tensor regulariser(const LossBatch& batch) const;

  std::unique_ptr<Loss> loss_;
  FinishOptions options_;
  at::Tensor class_weights_, vectors_;
};

/// Options of a loss with the section `finish`.
template <typename O>
struct WithFinish : O {
  FinishOptions finish;
  void visit(OptionVisitor& v) override {
    O::visit(v);
    v.section("finish", finish, "reducer and regularisers");
  }
  std::vector<std::string> check() const override {
    auto faults = O::check();
    for (auto& fault : finish.check()) faults.push_back("finish: " + fault);
    return faults;
  }
};

/// The same with the reducer that the loss's authors average with.
template <typename O>
struct WithNonzero : WithFinish<O> {
  WithNonzero() { this->finish.reducer = "nonzero"; }
};

}  // namespace winnow
