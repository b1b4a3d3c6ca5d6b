#pragma once

#include "losses/class_head.h"

namespace winnow {

/// Base of every loss that scores classes: owns the head, checks the batch, gives one value an item.
/// A member only says what the value of an item is.
class ClassificationLoss : public Loss {
 public:
  ClassificationLoss(const char* name, ClassHead::Kind kind, double scale, const LossContext& context,
                     SubCentres centres = {})
      : name_(name), head_(name, kind, scale, context, centres) {}

  LossResult forward(const LossBatch& batch, const Targets& targets) final;
  at::Tensor logits(const LossBatch& batch) override;
  double cosine_scale() const override { return head_.cosine_scale(); }
  std::vector<std::pair<std::string, at::Tensor>> parameters() override { return head_.parameters(); }

 protected:
  /// @param logits  [B, C], margin-free, with gradient
  /// @return [B], the loss of each item for its soft target, or its label where there is none
  virtual at::Tensor values(const at::Tensor& logits, const LossBatch& batch, const Targets& targets) = 0;
  /// A term that belongs to no item (of the class vectors), added as it is; undefined = none.
  virtual at::Tensor penalty() { return {}; }
  const ClassHead& head() const { return head_; }

 private:
  const char* name_;
  ClassHead head_;
};

/// Cross entropy from scores, per item: -sum_k q_k log softmax(o)_k with q the soft target or the one-hot label.
/// @return [B]
at::Tensor item_cross_entropy(const at::Tensor& logits, const Targets& targets);

}  // namespace winnow
