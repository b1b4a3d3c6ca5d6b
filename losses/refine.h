#pragma once

#include <map>
#include <string>

#include "losses/collapse_guards.h"
#include "losses/loss.h"

namespace winnow {

struct RefineOptions : Options {
  std::string prediction = "current";
  double confidence = 0.5, temperature = 1.0, untrusted_weight = 1.0, balance = 0.0;
  void visit(OptionVisitor& v) override;
};

/// Label refinement by trust, over any classification loss. With t = trust and p the (teacher's) class probabilities at
/// `temperature`, an item whose most likely class has p >= confidence gets the soft target t e_y + (1 - t) p and the
/// weight t + (1 - t) untrusted_weight max p; any other item keeps its given label with weight t. What looks like a
/// stranger has weight 0. While the estimator knows nothing (trust 1) this is the given label.
/// Source: the label refinement of Li et al., ICLR 2020 (DivideMix, equation 3), here for a single network.
class Refine : public TargetPolicy {
 public:
  Refine(const RefineOptions& options, const LossContext& context);

  /// @throws Error(kConfig) without a classification loss
  void bind(Loss* classifier) override;
  /// @throws Error(kConfig) when there is no weight EMA and prediction: teacher
  Targets apply(const LossBatch& batch, const Verdict& verdict, const at::Tensor& logits, Random& random) override;
  /// "refined" share of the batch with a soft target, "moved" mean probability taken from the given label.
  std::map<std::string, double> log() const override { return log_; }
  bool rewrites_labels() const override { return true; }
  bool needs_teacher() const override { return options_.prediction == "teacher"; }
  at::Tensor regulariser(const at::Tensor& logits) override { return balance_.term(logits); }

 private:
  RefineOptions options_;
  int64_t classes_;
  Loss* classifier_ = nullptr;
  BalanceTerm balance_;
  std::map<std::string, double> log_;
};

}  // namespace winnow
