#include <array>

#include "src/models/backbone.h"

namespace winnow {
namespace {

struct Layer {
  int64_t width, stride;
};
constexpr std::array<Layer, 5> kLayers = {{{32, 2}, {64, 2}, {128, 2}, {256, 2}, {256, 1}}};

ConvBn make_layer(int number, int64_t in, const Layer& layer, const Initializer& init) {
  const std::string digit = std::to_string(number);
  return {Conv("conv" + digit, in, layer.width, 3, layer.stride, init), BatchNorm("bn" + digit, layer.width), true};
}

Backbone make_small_cnn(const ModelOptions& options, const Initializer& init) {
  Layer first = kLayers[0];
  if (options.stem == "small") first.stride = 1;
  Backbone backbone{make_layer(1, 3, first, init), false, {}, first.width};
  for (size_t i = 1; i < kLayers.size(); ++i) {
    Block block;
    block.residual = false;
    block.body.push_back(make_layer(static_cast<int>(i) + 1, backbone.channels, kLayers[i], init));
    backbone.blocks.push_back(std::move(block));
    backbone.channels = kLayers[i].width;
  }
  return backbone;
}

}  // namespace

void register_small_cnn(BackboneRegistry& registry) {
  registry.add<NoOptions>({"small_cnn", "5 convolutions 3x3 with batch norm, 1.0 M weights, 256 features", ""},
                          make_small_cnn);
}

}  // namespace winnow
