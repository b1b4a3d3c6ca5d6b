#pragma once

#include <ATen/core/Tensor.h>

#include "src/models/model.h"

namespace winnow {

/// Pictures as a network wants them: float [B, 3, H, W], channels-last, (x / 255 - mean) / std.
/// @param images uint8 [B, H, W, 3], read in place, or float [B, 3, H, W] that is normalised already
/// @param device where the network is
/// @throws Error(kShape) with the shape and type given
at::Tensor network_input(const at::Tensor& images, const Preprocessing& preprocessing, const at::Device& device);

}  // namespace winnow
