#include "src/models/layers.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>

#include <array>
#include <cmath>

#include "src/core/error.h"
#include "src/core/random.h"

namespace winnow {
namespace {

at::Generator stream(uint64_t seed, const std::string& name) {
  return at::make_generator<at::CPUGeneratorImpl>(Random(seed, "init:" + name).next());
}

at::Tensor uniform(const std::string& name, uint64_t seed, at::IntArrayRef shape, double bound) {
  return at::empty(shape, at::TensorOptions(at::kFloat)).uniform_(-bound, bound, stream(seed, name));
}

at::Tensor learned(const at::Tensor& tensor) { return tensor.detach().requires_grad_(true); }

}  // namespace

at::Tensor Initializer::conv_weight(const std::string& name, int64_t out, int64_t in, int64_t kernel) const {
  const std::array<int64_t, 4> shape = {out, in, kernel, kernel};
  const double fan_in = static_cast<double>(in * kernel * kernel), fan_out = static_cast<double>(out * kernel * kernel);
  at::Tensor weight;
  if (scheme_ == "none") {
    weight = at::empty(shape, at::TensorOptions(at::kFloat));
  } else if (scheme_ == "xavier") {
    weight = uniform(name, seed_, shape, std::sqrt(6.0 / (fan_in + fan_out)));
  } else {
    weight =
        at::empty(shape, at::TensorOptions(at::kFloat)).normal_(0.0, std::sqrt(2.0 / fan_out), stream(seed_, name));
  }
  return learned(weight.contiguous(at::MemoryFormat::ChannelsLast));
}

at::Tensor Initializer::linear_weight(const std::string& name, int64_t out, int64_t in) const {
  if (scheme_ == "none") return learned(at::empty({out, in}, at::TensorOptions(at::kFloat)));
  const double bound =
      scheme_ == "xavier" ? std::sqrt(6.0 / static_cast<double>(in + out)) : 1.0 / std::sqrt(static_cast<double>(in));
  return learned(uniform(name, seed_, {out, in}, bound));
}

at::Tensor Initializer::linear_bias(const std::string& name, int64_t out, int64_t in) const {
  if (scheme_ != "he") return learned(at::zeros({out}, at::TensorOptions(at::kFloat)));
  return learned(uniform(name, seed_, {out}, 1.0 / std::sqrt(static_cast<double>(in))));
}

Conv::Conv(std::string key, int64_t in, int64_t out, int64_t kernel, int64_t stride_, const Initializer& init)
    : name(std::move(key)),
      weight(init.conv_weight(name + ".weight", out, in, kernel)),
      stride(stride_),
      padding(kernel / 2) {}

at::Tensor Conv::forward(const at::Tensor& x) const { return at::conv2d(x, weight, {}, stride, padding); }

void Conv::visit(const TensorVisitor& visitor) { visitor(name + ".weight", weight, true); }

int64_t Conv::output_side(int64_t side) const { return (side + 2 * padding - weight.size(2)) / stride + 1; }

BatchNorm::BatchNorm(std::string key, int64_t channels)
    : name(std::move(key)),
      weight(learned(at::ones({channels}, at::TensorOptions(at::kFloat)))),
      bias(learned(at::zeros({channels}, at::TensorOptions(at::kFloat)))),
      running_mean(at::zeros({channels}, at::TensorOptions(at::kFloat))),
      running_var(at::ones({channels}, at::TensorOptions(at::kFloat))),
      batches(at::zeros({}, at::TensorOptions(at::kLong))) {}

at::Tensor BatchNorm::forward(const at::Tensor& x, bool training) const {
  if (training) {
    if (x.numel() <= x.size(1))
      throw Error(ErrorCode::kShape, "[batch_norm] " + name + ": training needs more than one value a channel, got " +
                                         std::to_string(x.size(0)) + " picture(s) of one pixel; use a larger batch");
    batches.add_(1);
  }
  return at::batch_norm(x, weight, bias, running_mean, running_var, training, kMomentum, kEpsilon, true);
}

void BatchNorm::visit(const TensorVisitor& visitor) {
  visitor(name + ".weight", weight, true);
  visitor(name + ".bias", bias, true);
  visitor(name + ".running_mean", running_mean, false);
  visitor(name + ".running_var", running_var, false);
  visitor(name + ".num_batches_tracked", batches, false);
}

Linear::Linear(std::string key, int64_t in, int64_t out, bool with_bias, const Initializer& init)
    : name(std::move(key)), weight(init.linear_weight(name + ".weight", out, in)) {
  if (with_bias) bias = init.linear_bias(name + ".bias", out, in);
}

at::Tensor Linear::forward(const at::Tensor& x) const { return at::linear(x, weight, bias); }

void Linear::visit(const TensorVisitor& visitor) {
  visitor(name + ".weight", weight, true);
  if (bias.defined()) visitor(name + ".bias", bias, true);
}

at::Tensor ConvBn::forward(const at::Tensor& x, bool training) const {
  auto y = bn.forward(conv.forward(x), training);
  return relu ? y.relu_() : y;
}

void ConvBn::visit(const TensorVisitor& visitor) {
  conv.visit(visitor);
  bn.visit(visitor);
}

}  // namespace winnow
