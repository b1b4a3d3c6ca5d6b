#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <utility>
#include <vector>

#include "src/models/safetensors.h"
#include "src/training/config.h"

namespace winnow {

/// Parameters that share a learning rate.
struct ParameterGroup {
  NamedTensors parameters;   ///< leaf tensors that require a gradient; names unique over all groups
  double rate_factor = 1.0;  ///< times the learning rate of the step
};

/// SGD (momentum, Nesterov), Adam and AdamW with torch.optim's update equations, by ATen's fused kernels:
/// one pass over each tensor. g gradient, w weight, lr rate, d weight decay:
///   sgd    g += d w;  m = mu m + g;  w -= lr (nesterov ? g + mu m : m)
///   adam   g += d w;  m = b1 m + (1-b1) g;  v = b2 v + (1-b2) g^2;  w -= lr m^ / (sqrt(v^) + eps)
///   adamw  w -= lr d w;  then adam with d = 0
/// with m^ = m / (1 - b1^t), v^ = v / (1 - b2^t) and t counted for each parameter. A parameter without a gradient is
/// left alone, as in torch. Not thread-safe.
class Optimizer {
 public:
  /// @throws Error(kConfig) for an unknown rule
  Optimizer(const TrainingOptions& options, std::vector<ParameterGroup> groups);

  /// One update of every parameter that has a gradient.
  void step(double learning_rate);
  /// Drops the gradients (set to none), so that backward writes instead of adding.
  void zero_grad();
  /// Scales all gradients so that their common L2 norm is at most max_norm, as torch's clip_grad_norm_.
  /// @return the norm before
  double clip_gradients(double max_norm);

  /// Moments and step counts, by parameter name.
  NamedTensors state() const;
  /// Bit-exact. @throws Error(kData) when a name or shape is missing or differs
  void load_state(const NamedTensors& state);

 private:
  struct Group {
    double rate_factor;
    std::vector<std::string> names;
    std::vector<at::Tensor> parameters, first, second, steps;
  };
  void step_group(Group& group, double rate);

  enum class Rule { kSgd, kAdam, kAdamW } rule_;
  double weight_decay_, momentum_, beta1_, beta2_, epsilon_;
  bool nesterov_;
  std::vector<Group> groups_;
};

/// Copies each tensor of `state` named `prefix + name` into the tensor of that name, bit for bit.
/// @throws Error(kData) `[what] NAME is missing` or both shapes
void restore_tensors(const char* what, const NamedTensors& into, const NamedTensors& state,
                     const std::string& prefix = "");

}  // namespace winnow
