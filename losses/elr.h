#pragma once

#include <memory>

#include "losses/class_centres.h"
#include "losses/formula_loss.h"
#include "losses/item_memory.h"

namespace winnow {

struct ElrOptions : HeadOptions {
  double lambda = 3.0, decay = 0.7, centre_scale = 20.0;
  std::string memory = "items";
  int64_t top = 0;
  void visit(OptionVisitor& v) override;
};

/// CE_y + lambda log(1 - <q, p>): early predictions are held fast against what is memorised later. p is clamped to
/// [1e-4, 1 - 1e-4]; q is constant to the gradient.
///   items:   q_i <- decay q_i + (1 - decay) p_i from 0, dense (N C) or the `top` largest entries
///   centres: q_i = softmax(centre_scale z_i c), c the running class centres of trusted pictures (C D): for many
///            pictures and classes
/// Source: Liu et al., NeurIPS 2020; CIFAR-10 decay 0.7 lambda 3, CIFAR-100 0.9 and 7. The centre form is ours.
class Elr : public ProbabilityLoss {
 public:
  Elr(const ElrOptions& options, const LossContext& context);
  void after_step(const LossBatch& batch, const Targets& targets) override;
  LossState state() override;
  bool robust() const override { return true; }

 protected:
  at::Tensor of_labels(const LabelScores& scores) override;

 private:
  at::Tensor clamped(const at::Tensor& log_p) const;

  ElrOptions options_;
  std::unique_ptr<PredictionMemory> items_;
  std::unique_ptr<ClassCentres> centres_;
  at::Tensor p_, rows_;  ///< of the last forward(), until after_step()
};

}  // namespace winnow
