#include "src/training/multi_scale.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "src/core/error.h"

namespace winnow {

at::Tensor scaled_pixels(const at::Tensor& pixels, double scale) {
  if (!(scale > 0)) throw Error(ErrorCode::kUsage, "[embed] scales above 0 are required, got " + std::to_string(scale));
  if (pixels.dim() != 4 || pixels.size(3) != 3 || pixels.scalar_type() != at::kByte)
    throw Error(ErrorCode::kShape, "[embed] uint8 [B, H, W, 3] pixels are required");
  const auto side = [&](int64_t length) { return std::max<int64_t>(1, std::llround(double(length) * scale)); };
  const auto planes = pixels.permute({0, 3, 1, 2}).to(at::kFloat);
  const auto resized = at::upsample_bilinear2d(planes, {side(pixels.size(1)), side(pixels.size(2))}, false);
  return resized.round().clamp(0, 255).to(at::kByte).permute({0, 2, 3, 1}).contiguous();
}

}  // namespace winnow
