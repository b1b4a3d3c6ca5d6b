#pragma once

#include <memory>

#include "losses/formula_loss.h"
#include "losses/item_variables.h"

namespace winnow {

struct PencilOptions : HeadOptions {
  double alpha = 0.4, beta = 0.1, lambda = 600.0, start = 0.22, freeze = 0.62;
  void visit(OptionVisitor& v) override;
};

/// Labels as trainable distributions d_i = softmax(t_i), t_i = 10 onehot(y) at first.
///   CE_y                                              until `start`
///   KL(p || d) + alpha CE(d, y) + beta H(p), t -= lambda dL/dt   until `freeze`
///   KL(p || d) with d fixed                           after it
/// Memory: N C values. Source: Yi and Wu, CVPR 2019; stages of 70, 130 and 120 of 320 epochs.
class Pencil : public ProbabilityLoss {
 public:
  /// @throws Error(kConfig) for more than 4 GiB of label distributions
  Pencil(const PencilOptions& options, const LossContext& context);
  void after_step(const LossBatch& batch, const Targets& targets) override;
  LossState state() override { return {{"pencil.labels", labels_->values()}, {"pencil.seen", seen_}}; }
  bool robust() const override { return true; }

 protected:
  at::Tensor of_labels(const LabelScores& scores) override;

 private:
  PencilOptions options_;
  std::unique_ptr<ItemVariables> labels_;
  at::Tensor seen_;  // bool [N], has label logits of its own
};

}  // namespace winnow
