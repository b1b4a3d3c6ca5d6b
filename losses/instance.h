#pragma once

#include "losses/class_head.h"

namespace winnow {

struct InstanceOptions : Options {
  double gamma = 64.0;
  void visit(OptionVisitor& v) override;
};

/// Every training picture is a class of its own: softmax over gamma times the cosine with one vector a picture (N x D
/// parameters). Labels are not used, so wrong ones do no harm; goes beside a loss that uses them.
/// Source: Zheng et al., ACM TOMM 2020.
class Instance : public Loss {
 public:
  /// @throws Error(kConfig) without a number of training pictures
  Instance(const InstanceOptions& options, const LossContext& context);
  /// @throws Error(kShape) without rows, Error(kData) for a row outside [0, N)
  LossResult forward(const LossBatch& batch, const Targets& targets) override;
  std::vector<std::pair<std::string, at::Tensor>> parameters() override { return head_.parameters(); }
  bool robust() const override { return true; }

 private:
  ClassHead head_;
};

}  // namespace winnow
