#include "src/models/fused_network.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/max_pool2d.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>

#include "src/core/error.h"
#include "src/models/input.h"
#include "src/tensor/device.h"

namespace winnow {
namespace {

/// Pixels a piece of a batch has on a CPU. Four pictures of 224 x 224 make 13 MB of activations after the stem; whole
/// batches of 32 fall out of a 32 MB cache and run 1.15 x slower.
constexpr int64_t kPiecePixels = 4 * 224 * 224;

int64_t pictures_a_piece(int64_t height, int64_t width) {
  return std::max<int64_t>(1, kPiecePixels / std::max<int64_t>(1, height * width));
}

int64_t side_of(const FusedConv& conv, int64_t side) {
  return (side + 2 * conv.padding - conv.weight.size(2)) / conv.stride + 1;
}

/// Packs for square inputs and moves on to the shape of the output.
void pack_conv(FusedConv& conv, int64_t batch, int64_t& side) {
  conv.pack({batch, conv.weight.size(1), side, side});
  side = side_of(conv, side);
}

}  // namespace

FusedNetwork::FusedNetwork(const Backbone& backbone, const Pool& pool, const Head& head,
                           const Preprocessing& preprocessing, const at::Device& device, double flops)
    : preprocessing_(preprocessing),
      stem_(backbone.stem),
      max_pool_(backbone.max_pool),
      pool_(pool),
      head_(head),
      device_(device),
      flops_(flops) {
  for (const auto& block : backbone.blocks) {
    FusedBlock fused;
    fused.residual = block.residual;
    for (const auto& layer : block.body) fused.body.emplace_back(layer);
    if (block.downsample) fused.downsample.emplace(*block.downsample);
    blocks_.push_back(std::move(fused));
  }
  // The original may be trained on.
  const auto own = [](const std::string&, at::Tensor& tensor, bool) { tensor = tensor.detach().clone(); };
  pool_.visit(own);
  head_.visit(own);
  pack();
}

void FusedNetwork::pack() {
  int64_t side = preprocessing_.size;
  const int64_t batch = pictures_a_piece(side, side);
  pack_conv(stem_, batch, side);
  if (max_pool_) side = (side + 2 - 3) / 2 + 1;
  for (auto& block : blocks_) {
    int64_t shortcut_side = side;
    if (block.downsample) pack_conv(*block.downsample, batch, shortcut_side);
    for (auto& conv : block.body) pack_conv(conv, batch, side);
  }
}

at::Tensor FusedNetwork::FusedBlock::forward(const at::Tensor& x) const {
  at::Tensor y = x;
  const size_t inner = residual ? body.size() - 1 : body.size();
  for (size_t i = 0; i < inner; ++i) y = body[i].forward(y, true);
  if (!residual) return y;
  // The sum overwrites the shortcut, which nothing reads afterwards.
  return body.back().forward_add_relu(y, downsample ? downsample->forward(x, false) : x);
}

at::Tensor FusedNetwork::features(const at::Tensor& images) const {
  at::Tensor y = stem_.forward(network_input(images, preprocessing_, device_), true);
  if (max_pool_) y = at::max_pool2d(y, 3, 2, 1);
  for (const auto& block : blocks_) y = block.forward(y);
  return y;
}

at::Tensor FusedNetwork::feature_map(const at::Tensor& images) {
  const c10::InferenceMode guard;
  return features(images);
}

at::Tensor FusedNetwork::embed_map(const at::Tensor& map) const {
  if (regional_) return embed_regions(map);
  return head_.forward(pool_.forward(map), false).to(at::kFloat);
}

at::Tensor FusedNetwork::embed_regions(const at::Tensor& map) const {
  const auto embed = [&](const at::Tensor& part) {
    const auto z = head_.forward(part.amax({2, 3}), false).to(at::kFloat);
    return z / z.square().sum(1, true).sqrt().clamp_min(1e-12);
  };
  at::Tensor sum = embed(map);
  for (const auto& [top, left, side] : rmac_regions(map.size(2), map.size(3)))
    sum = sum + embed(map.narrow(2, top, side).narrow(3, left, side));
  return sum;
}

void FusedNetwork::pool_by(const PoolChoice& choice) {
  regional_ = choice.kind == "rmac";
  if (regional_) return;
  if (choice.kind != "gem" || !(choice.p >= 0.1 && choice.p <= 20))
    throw Error(ErrorCode::kUsage, "[pool] gem with p from 0.1 to 20, or rmac, is required, got " + choice.kind +
                                       " with p " + std::to_string(choice.p));
  ModelOptions options;
  options.pool = "gem";
  options.gem_p = choice.p;
  options.gem_learn = false;
  pool_ = Pool(options);
  pool_.p = pool_.p.to(device_);
}

at::Tensor FusedNetwork::forward(const at::Tensor& images) {
  const c10::InferenceMode guard;
  const auto embed = [&](const at::Tensor& part) { return embed_map(features(part)); };
  const bool divisible = device_.is_cpu() && images.defined() && images.dim() == 4;
  if (!divisible) return embed(images);
  const bool pixels = images.scalar_type() == at::kByte;
  const int64_t piece = pictures_a_piece(images.size(pixels ? 1 : 2), images.size(pixels ? 2 : 3));
  if (images.size(0) <= piece) return embed(images);
  std::vector<at::Tensor> rows;
  for (const auto& part : images.split(piece)) rows.push_back(embed(part));
  return at::cat(rows);
}

void FusedNetwork::train(bool on) {
  if (on) throw Error(ErrorCode::kInternal, "[model] a fused network cannot be trained");
}

void FusedNetwork::visit(const TensorVisitor& visitor) {
  const auto conv = [&](FusedConv& layer) {
    visitor(layer.name + ".weight", layer.weight, false);
    visitor(layer.name + ".bias", layer.bias, false);
  };
  conv(stem_);
  for (auto& block : blocks_) {
    for (auto& layer : block.body) conv(layer);
    if (block.downsample) conv(*block.downsample);
  }
  pool_.visit(visitor);
  head_.visit(visitor);
}

int64_t FusedNetwork::parameter_count() const {
  FusedNetwork shallow(*this);
  int64_t count = 0;
  shallow.visit(
      [&](const std::string&, at::Tensor& tensor, bool) { count += tensor.is_floating_point() ? tensor.numel() : 0; });
  return count;
}

NamedTensors FusedNetwork::state() {
  NamedTensors all;
  visit([&](const std::string& name, at::Tensor& tensor, bool) { all.emplace_back(name, tensor); });
  return all;
}

void FusedNetwork::to(const std::string& device) {
  device_ = at::Device(resolve_device(device));
  visit([&](const std::string&, at::Tensor& tensor, bool) { tensor = tensor.to(device_); });
  pack();
}

}  // namespace winnow
