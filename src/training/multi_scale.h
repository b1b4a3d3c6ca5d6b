#pragma once

#include <ATen/core/Tensor.h>

namespace winnow {

/// Pictures at another size for embedding at several scales (retrieval.md 3.1): bilinear, corners not aligned, no
/// antialiasing, as cirtorch.
/// @param pixels  uint8 [B, H, W, 3]. @param scale  > 0. @return uint8 [B, round(H scale), round(W scale), 3], at least
/// one pixel a side. @throws Error(kUsage | kShape)
at::Tensor scaled_pixels(const at::Tensor& pixels, double scale);

}  // namespace winnow
