#include "src/models/backbone.h"

#include <ATen/ops/max_pool2d.h>

namespace winnow {
namespace {

double flops(const Conv& conv, int64_t& side) {
  side = conv.output_side(side);
  return 2.0 * static_cast<double>(conv.weight.numel()) * static_cast<double>(side * side);
}

}  // namespace

at::Tensor Block::forward(const at::Tensor& x, bool training) const {
  at::Tensor y = x;
  for (const auto& layer : body) y = layer.forward(y, training);
  if (!residual) return y;
  return y.add_(downsample ? downsample->forward(x, training) : x).relu_();
}

at::Tensor Backbone::forward(const at::Tensor& x, bool training) const {
  at::Tensor y = stem.forward(x, training);
  if (max_pool) y = at::max_pool2d(y, 3, 2, 1);
  for (const auto& block : blocks) y = block.forward(y, training);
  return y;
}

void Backbone::visit(const TensorVisitor& visitor) {
  stem.visit(visitor);
  for (auto& block : blocks) {
    for (auto& layer : block.body) layer.visit(visitor);
    if (block.downsample) block.downsample->visit(visitor);
  }
}

double Backbone::forward_flops(int64_t side) const {
  double total = flops(stem.conv, side);
  if (max_pool) side = (side + 2 - 3) / 2 + 1;
  for (const auto& block : blocks) {
    int64_t shortcut_side = side;
    if (block.downsample) total += flops(block.downsample->conv, shortcut_side);
    for (const auto& layer : block.body) total += flops(layer.conv, side);
  }
  return total;
}

}  // namespace winnow
