#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <string>

namespace winnow {

/// Called once a tensor in registration order. @param learned  true for a parameter, false for a buffer
using TensorVisitor = std::function<void(const std::string& name, at::Tensor& tensor, bool learned)>;

/// How the weights of new layers are drawn. Each tensor has its own random stream, keyed by (seed, name), so a network
/// with another head has the same backbone.
class Initializer {
 public:
  /// @param scheme "he": convolutions normal, std sqrt(2 / fan_out) (He et al. 2015, as torchvision), linear layers
  ///               uniform in +-1/sqrt(fan_in) with bias (PyTorch's default);
  ///               "xavier": both uniform in +-sqrt(6 / (fan_in + fan_out)), bias 0 (Glorot and Bengio 2010);
  ///               "none": memory is left as it is, for weights that are about to be loaded
  Initializer(std::string scheme, uint64_t seed) : scheme_(std::move(scheme)), seed_(seed) {}
  at::Tensor conv_weight(const std::string& name, int64_t out, int64_t in, int64_t kernel) const;
  at::Tensor linear_weight(const std::string& name, int64_t out, int64_t in) const;
  at::Tensor linear_bias(const std::string& name, int64_t out, int64_t in) const;

 private:
  std::string scheme_;
  uint64_t seed_;
};

/// Square convolution without bias; weight float [out, in, k, k], channels-last.
struct Conv {
  std::string name;  ///< prefix of its keys, "layer1.0.conv1"
  at::Tensor weight;
  int64_t stride = 1, padding = 0;

  Conv(std::string key, int64_t in, int64_t out, int64_t kernel, int64_t stride, const Initializer& init);
  at::Tensor forward(const at::Tensor& x) const;
  void visit(const TensorVisitor& visitor);
  /// Height (or width) of the output for that of the input.
  int64_t output_side(int64_t side) const;
};

/// Batch normalisation over dimension 1 of [B, C, ...]: momentum 0.1, epsilon 1e-5, as PyTorch's default.
struct BatchNorm {
  std::string name;
  at::Tensor weight, bias, running_mean, running_var, batches;
  static constexpr double kEpsilon = 1e-5, kMomentum = 0.1;

  BatchNorm(std::string key, int64_t channels);
  /// @throws Error(kShape) when training with a single value a channel
  at::Tensor forward(const at::Tensor& x, bool training) const;
  void visit(const TensorVisitor& visitor);
};

/// x W^T + b, weight float [out, in]; bias may be undefined.
struct Linear {
  std::string name;
  at::Tensor weight, bias;

  Linear(std::string key, int64_t in, int64_t out, bool with_bias, const Initializer& init);
  at::Tensor forward(const at::Tensor& x) const;
  void visit(const TensorVisitor& visitor);
};

/// Convolution, batch norm and (if `relu`) ReLU.
struct ConvBn {
  Conv conv;
  BatchNorm bn;
  bool relu = true;

  at::Tensor forward(const at::Tensor& x, bool training) const;
  void visit(const TensorVisitor& visitor);
};

}  // namespace winnow
