#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <utility>
#include <vector>

#include "losses/loss.h"

namespace winnow {

/// Several vectors a class, for cosine heads. The score of a class is that of its nearest vector, or with softness g >
/// 0 sum_k softmax_k(cos_k / g) cos_k.
struct SubCentres {
  int64_t per_class = 1;
  double softness = 0;
};

/// One vector a class (or several): turns embeddings into class scores. Shared by all classification losses.
///   linear: o = raw W^T + b, weights and bias U(-1/sqrt(D), 1/sqrt(D)) as nn.Linear
///   cosine: o = scale * z w_j / ||w_j||, weights N(0, 1) as pytorch-metric-learning 2.9; no bias
/// The product is computed in the dtype of the weights (float32 under mixed precision). Not thread-safe.
class ClassHead {
 public:
  enum class Kind { kLinear, kCosine };

  /// @param name   for messages
  /// @param scale  of the cosine, > 0; linear heads take 1
  /// @param centres  vectors a class; rows c * per_class ... of the weight belong to class c
  /// @throws Error(kConfig) when context has no classes or no dim
  ClassHead(const char* name, Kind kind, double scale, const LossContext& context, SubCentres centres = {});

  /// Margin-free scores [B, C]. With gradients on, the result is kept for take() on the same embeddings and weights;
  /// both are parts of one graph, so run one backward over what is made of them.
  at::Tensor logits(const LossBatch& batch);
  /// As logits(), but gives the kept result away, so that no graph outlives its step.
  at::Tensor take(const LossBatch& batch);

  std::vector<std::pair<std::string, at::Tensor>> parameters() const;
  int64_t classes() const { return classes_; }
  const SubCentres& centres() const { return centres_; }
  const at::Tensor& weight() const { return weight_; }
  int64_t dim() const { return weight_.size(1); }
  double scale() const { return scale_; }
  /// scale() for cosine heads, 0 for linear ones.
  double cosine_scale() const { return kind_ == Kind::kCosine ? scale_ : 0; }

 private:
  const at::Tensor& input(const LossBatch& batch) const;
  bool kept_for(const at::Tensor& input) const;
  at::Tensor pooled(const at::Tensor& cosine) const;

  const char* name_;
  Kind kind_;
  double scale_;
  int64_t classes_;
  SubCentres centres_;
  at::Tensor weight_, bias_;  // [C * per_class, D], [C]
  at::Tensor kept_, kept_input_;
  int64_t kept_version_ = -1;
};

}  // namespace winnow
