#include <array>

#include "src/models/backbone.h"

namespace winnow {
namespace {

constexpr const char* kPaper = "He et al., Deep Residual Learning for Image Recognition, CVPR 2016";

struct ResNetShape {
  bool bottleneck;
  std::array<int64_t, 4> depths;
};

ConvBn conv_bn(const std::string& conv, const std::string& bn, int64_t in, int64_t out, int64_t kernel, int64_t stride,
               bool relu, const Initializer& init) {
  return {Conv(conv, in, out, kernel, stride, init), BatchNorm(bn, out), relu};
}

/// Two 3x3 convolutions, or 1x1, 3x3, 1x1 with the stride on the 3x3 (torchvision's "v1.5").
Block make_block(const std::string& prefix, bool bottleneck, int64_t in, int64_t width, int64_t stride,
                 const Initializer& init) {
  const int64_t out = bottleneck ? 4 * width : width;
  const auto layer = [&](int number, int64_t from, int64_t to, int64_t kernel, int64_t step, bool relu) {
    const std::string digit = std::to_string(number);
    return conv_bn(prefix + ".conv" + digit, prefix + ".bn" + digit, from, to, kernel, step, relu, init);
  };
  Block block;
  if (bottleneck) {
    block.body.push_back(layer(1, in, width, 1, 1, true));
    block.body.push_back(layer(2, width, width, 3, stride, true));
    block.body.push_back(layer(3, width, out, 1, 1, false));
  } else {
    block.body.push_back(layer(1, in, width, 3, stride, true));
    block.body.push_back(layer(2, width, out, 3, 1, false));
  }
  if (stride != 1 || in != out)
    block.downsample = conv_bn(prefix + ".downsample.0", prefix + ".downsample.1", in, out, 1, stride, false, init);
  return block;
}

Backbone make_resnet(const ResNetShape& shape, const ModelOptions& options, const Initializer& init) {
  const int64_t kernel = options.stem == "standard" ? 7 : 3, stride = options.stem == "small" ? 1 : 2;
  Backbone backbone{conv_bn("conv1", "bn1", 3, 64, kernel, stride, true, init), options.stem == "standard", {}, 64};
  for (size_t stage = 0; stage < shape.depths.size(); ++stage) {
    const int64_t width = int64_t{64} << stage;
    for (int64_t i = 0; i < shape.depths[stage]; ++i) {
      const std::string prefix = "layer" + std::to_string(stage + 1) + "." + std::to_string(i);
      const int64_t step = stage > 0 && i == 0 ? 2 : 1;
      backbone.blocks.push_back(make_block(prefix, shape.bottleneck, backbone.channels, width, step, init));
      backbone.channels = shape.bottleneck ? 4 * width : width;
    }
  }
  return backbone;
}

void add(BackboneRegistry& registry, const char* name, const char* summary, const ResNetShape& shape) {
  registry.add<NoOptions>({name, summary, kPaper}, [shape](const ModelOptions& options, const Initializer& init) {
    return make_resnet(shape, options, init);
  });
}

}  // namespace

void register_resnets(BackboneRegistry& registry) {
  add(registry, "resnet18", "18 layers, 11.2 M weights, 512 features", {false, {2, 2, 2, 2}});
  add(registry, "resnet34", "34 layers, 21.3 M weights, 512 features", {false, {3, 4, 6, 3}});
  add(registry, "resnet50", "50 layers (bottleneck, v1.5), 23.5 M weights, 2048 features", {true, {3, 4, 6, 3}});
  add(registry, "resnet101", "101 layers (bottleneck, v1.5), 42.5 M weights, 2048 features", {true, {3, 4, 23, 3}});
}

}  // namespace winnow
