#include "src/models/input.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/tensor.h>

#include <array>
#include <sstream>

#include "src/core/error.h"

namespace winnow {
namespace {

/// A whole number of pixels and of vector registers, so that the inner loop has no remainder.
constexpr int64_t kLane = 48;
constexpr int64_t kGrain = 16384;

struct Affine {
  std::array<float, kLane> scale{}, shift{};  // of byte i in a row of RGB pixels
};

Affine affine_of(const Preprocessing& preprocessing) {
  Affine affine;
  for (size_t i = 0; i < kLane; ++i) {
    affine.scale[i] = static_cast<float>(1.0 / (255.0 * preprocessing.std[i % 3]));
    affine.shift[i] = static_cast<float>(-preprocessing.mean[i % 3] / preprocessing.std[i % 3]);
  }
  return affine;
}

void normalize(const uint8_t* in, float* out, int64_t bytes, const Affine& affine) {
  const int64_t lanes = bytes / kLane;
  at::parallel_for(0, lanes, kGrain / kLane, [&](int64_t begin, int64_t end) {
    for (int64_t lane = begin; lane < end; ++lane) {
      const uint8_t* from = in + lane * kLane;
      float* to = out + lane * kLane;
      for (int64_t i = 0; i < kLane; ++i) to[i] = static_cast<float>(from[i]) * affine.scale[i] + affine.shift[i];
    }
  });
  for (int64_t i = lanes * kLane; i < bytes; ++i)
    out[i] = static_cast<float>(in[i]) * affine.scale[i % kLane] + affine.shift[i % kLane];
}

at::Tensor from_pixels(const at::Tensor& images, const Preprocessing& preprocessing, const at::Device& device) {
  const Affine affine = affine_of(preprocessing);
  if (device.is_cpu() && images.device().is_cpu()) {
    const at::Tensor pixels = images.contiguous();
    at::Tensor out = at::empty(pixels.sizes(), at::TensorOptions(at::kFloat));
    normalize(pixels.const_data_ptr<uint8_t>(), out.mutable_data_ptr<float>(), pixels.numel(), affine);
    return out.permute({0, 3, 1, 2});
  }
  const auto row = [&](const std::array<float, kLane>& values) {
    return at::tensor(at::ArrayRef<float>(values.data(), 3), at::TensorOptions(at::kFloat)).to(device);
  };
  return images.to(device, at::kFloat).mul_(row(affine.scale)).add_(row(affine.shift)).permute({0, 3, 1, 2});
}

}  // namespace

at::Tensor network_input(const at::Tensor& images, const Preprocessing& preprocessing, const at::Device& device) {
  const bool pixels = images.defined() && images.scalar_type() == at::kByte;
  if (images.defined() && images.dim() == 4 && images.size(pixels ? 3 : 1) == 3 && images.numel() > 0) {
    if (pixels) return from_pixels(images, preprocessing, device);
    if (at::isFloatingType(images.scalar_type()))
      return images.to(device, at::kFloat).contiguous(at::MemoryFormat::ChannelsLast);
  }
  std::ostringstream given;
  if (images.defined()) given << images.scalar_type() << " " << images.sizes();
  throw Error(ErrorCode::kShape, "[model] images must be uint8 [B, H, W, 3] or float [B, 3, H, W], got " +
                                     (images.defined() ? given.str() : "no tensor"));
}

}  // namespace winnow
