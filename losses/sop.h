#pragma once

#include <memory>

#include "losses/formula_loss.h"
#include "losses/item_variables.h"

namespace winnow {

struct SopOptions : HeadOptions {
  double rate_u = 1.0, rate_v = 10.0;
  void visit(OptionVisitor& v) override;
};

/// Sparse over-parametrisation: u_i and v_i learn the noise of picture i by plain SGD on the same loss.
///   CE(normalise(max(p + u^2 e_y - v^2 (1 - e_y), 1e-4)), y), which trains u
///   + || onehot(yhat) + u^2 e_y - v^2 (1 - e_y) - e_y ||^2, which trains u and v
/// u, v start at N(0, 1e-8). Memory: N (C + 1) values. No consistency or balance term (those are SOP+).
/// Source: Liu et al., ICML 2022; CIFAR-100 symmetric rates 1 and 10, asymmetric 0.1 and 100.
class Sop : public ProbabilityLoss {
 public:
  /// @throws Error(kConfig) for more than 4 GiB of noise variables
  Sop(const SopOptions& options, const LossContext& context);
  void after_step(const LossBatch& batch, const Targets& targets) override;
  LossState state() override { return {{"sop.u", u_->values()}, {"sop.v", v_->values()}}; }
  bool robust() const override { return true; }

 protected:
  at::Tensor of_labels(const LabelScores& scores) override;

 private:
  SopOptions options_;
  std::unique_ptr<ItemVariables> u_, v_;
};

}  // namespace winnow
