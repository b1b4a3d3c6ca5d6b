#include "src/models/backbone.h"

namespace winnow {
namespace {

constexpr int64_t kSide = 16, kWidth = 384;

/// Fully connected: a convolution as large as the picture, then one of a single pixel.
Backbone make_mlp(const ModelOptions&, const Initializer& init) {
  Conv first("fc1", 3, kWidth, kSide, kSide, init);
  first.padding = 0;
  Backbone backbone{{std::move(first), BatchNorm("bn1", kWidth), true}, false, {}, kWidth};
  Block hidden;
  hidden.residual = false;
  hidden.body.push_back({Conv("fc2", kWidth, kWidth, 1, 1, init), BatchNorm("bn2", kWidth), true});
  backbone.blocks.push_back(std::move(hidden));
  return backbone;
}

}  // namespace

void register_mlp(BackboneRegistry& registry) {
  registry.add<NoOptions>(
      {"mlp",
       "fully connected 768-384-384 with batch norm, for vectors stored as 16x16 pictures; a larger "
       "picture is cut into such tiles",
       ""},
      make_mlp);
}

}  // namespace winnow
