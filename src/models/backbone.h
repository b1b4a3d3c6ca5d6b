#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "src/config/family.h"
#include "src/models/layers.h"
#include "src/models/model.h"

namespace winnow {

/// Convolutions in a row, and around them a shortcut when `residual`; the last ReLU comes after the sum.
struct Block {
  std::vector<ConvBn> body;
  std::optional<ConvBn> downsample;  ///< 1x1 projection of the shortcut
  bool residual = true;

  at::Tensor forward(const at::Tensor& x, bool training) const;
};

/// Convolutional part of a network: pictures float [B, 3, H, W] in, features float [B, channels, h, w] out.
struct Backbone {
  ConvBn stem;
  bool max_pool = false;  ///< 3x3, stride 2 after the stem
  std::vector<Block> blocks;
  int64_t channels = 0;

  at::Tensor forward(const at::Tensor& x, bool training) const;
  void visit(const TensorVisitor& visitor);
  /// Floating-point operations (2 x multiply-adds of the convolutions) of a picture of side x side pixels.
  double forward_flops(int64_t side) const;
};

using BackboneMaker = std::function<Backbone(const ModelOptions& options, const Initializer& init)>;
using BackboneRegistry = FamilyRegistry<BackboneMaker>;

void register_resnets(BackboneRegistry& registry);
void register_small_cnn(BackboneRegistry& registry);
void register_mlp(BackboneRegistry& registry);
/// All backbones; built on first use.
const BackboneRegistry& backbone_registry();

}  // namespace winnow
