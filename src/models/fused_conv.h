#pragma once

#include <string>

#include "src/models/layers.h"

namespace winnow {

/// A convolution with batch norm folded into weight and bias, for inference. On a CPU with oneDNN the weight is kept
/// in oneDNN's own layout and bias, sum and ReLU run inside the convolution; elsewhere plain operators do the same.
struct FusedConv {
  std::string name;
  at::Tensor weight;  ///< float [out, in, k, k], channels-last
  at::Tensor bias;    ///< float [out]
  at::Tensor packed;  ///< `weight` in oneDNN's layout; undefined without oneDNN
  int64_t stride = 1, padding = 0;

  explicit FusedConv(const ConvBn& layer);
  /// Makes `packed` for inputs of this shape (others work too, slower), where oneDNN can.
  void pack(at::IntArrayRef input_shape);
  at::Tensor forward(const at::Tensor& x, bool relu) const;
  /// relu(conv(x) + sum), written into `sum`.
  at::Tensor forward_add_relu(const at::Tensor& x, at::Tensor sum) const;
};

}  // namespace winnow
