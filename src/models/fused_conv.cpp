#include "src/models/fused_conv.h"

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/ivalue.h>
#include <ATen/ops/conv2d.h>
#include <c10/util/Exception.h>

#include <optional>
#include <vector>

namespace winnow {
namespace {

using Stack = std::vector<c10::IValue>;

/// oneDNN operators that PyTorch's own compiler calls. They are not part of LibTorch's public headers, so they are
/// looked up by name and schema size, and their absence only costs speed.
struct OneDnnOperators {
  std::optional<c10::OperatorHandle> reorder, convolution, convolution_add;

  OneDnnOperators() {
    if (!at::globalContext().hasMKLDNN() || !at::globalContext().userEnabledMkldnn()) return;
    const auto find = [](const char* name, const char* overload, size_t arguments) {
      auto found = c10::Dispatcher::singleton().findSchema({name, overload});
      if (found && found->schema().arguments().size() != arguments) found.reset();
      return found;
    };
    reorder = find("mkldnn::_reorder_convolution_weight", "", 6);
    convolution = find("mkldnn::_convolution_pointwise", "", 10);
    convolution_add = find("mkldnn::_convolution_pointwise_", "binary", 13);
  }
  bool complete() const { return reorder && convolution && convolution_add; }
};

const OneDnnOperators& operators() {
  static const OneDnnOperators all;
  return all;
}

at::Tensor call(const c10::OperatorHandle& op, Stack stack) {
  op.callBoxed(&stack);
  return stack.front().toTensor();
}

std::vector<int64_t> pair(int64_t value) { return {value, value}; }

c10::List<std::optional<at::Scalar>> no_scalars() { return c10::List<std::optional<at::Scalar>>(); }

}  // namespace

FusedConv::FusedConv(const ConvBn& layer)
    : name(layer.conv.name), stride(layer.conv.stride), padding(layer.conv.padding) {
  const auto& bn = layer.bn;
  const auto scale = bn.weight.detach().to(at::kDouble) / (bn.running_var.to(at::kDouble) + BatchNorm::kEpsilon).sqrt();
  const auto folded = layer.conv.weight.detach().to(at::kDouble) * scale.reshape({-1, 1, 1, 1});
  weight = folded.to(at::kFloat).contiguous(at::MemoryFormat::ChannelsLast);
  bias = (bn.bias.detach().to(at::kDouble) - bn.running_mean.to(at::kDouble) * scale).to(at::kFloat);
}

void FusedConv::pack(at::IntArrayRef input_shape) {
  packed = at::Tensor();
  if (!weight.device().is_cpu() || !operators().complete()) return;
  try {
    packed = call(*operators().reorder, {weight, pair(padding), pair(stride), pair(1), int64_t{1}, input_shape.vec()});
  } catch (const c10::Error&) {
    packed = at::Tensor();  // plain operators give the same values
  }
}

at::Tensor FusedConv::forward(const at::Tensor& x, bool relu) const {
  if (packed.defined())
    return call(*operators().convolution, {x, packed, bias, pair(padding), pair(stride), pair(1), int64_t{1},
                                           relu ? "relu" : "none", no_scalars(), c10::IValue()});
  auto y = at::conv2d(x, weight, bias, stride, padding);
  return relu ? y.relu_() : y;
}

at::Tensor FusedConv::forward_add_relu(const at::Tensor& x, at::Tensor sum) const {
  if (packed.defined())
    return call(*operators().convolution_add, {sum, x, packed, bias, pair(padding), pair(stride), pair(1), int64_t{1},
                                               "add", 1.0, "relu", no_scalars(), c10::IValue()});
  return sum.add_(at::conv2d(x, weight, bias, stride, padding)).relu_();
}

}  // namespace winnow
