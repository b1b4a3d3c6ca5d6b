#pragma once

#include <optional>
#include <string>

#include "src/models/layers.h"
#include "src/models/model.h"

namespace winnow {

/// Features float [B, C, h, w] -> float [B, C]. "gem" is generalised mean pooling,
/// (mean over h, w of max(x, 1e-6)^p)^(1/p) (Radenovic et al. 2018, eq. 3), p learned or fixed.
struct Pool {
  std::string kind;
  at::Tensor p;  ///< float [1], "pool.p"; undefined unless gem
  bool learn_p = true;

  explicit Pool(const ModelOptions& options);
  at::Tensor forward(const at::Tensor& features) const;
  void visit(const TensorVisitor& visitor);
};

/// Pooled features float [B, C] -> embedding float [B, D]. Keys: linear "embedding.weight", "embedding.bias";
/// linear_bn "embedding.0.weight", "embedding.1.*"; bn "embedding.*".
struct Head {
  std::optional<Linear> linear;
  std::optional<BatchNorm> bn;
  double dropout = 0.0;
  int64_t dim = 0;

  Head(const ModelOptions& options, int64_t channels, const Initializer& init);
  at::Tensor forward(const at::Tensor& pooled, bool training) const;
  void visit(const TensorVisitor& visitor);
  double forward_flops() const { return linear ? 2.0 * static_cast<double>(linear->weight.numel()) : 0.0; }
};

}  // namespace winnow
