#pragma once

#include <ATen/core/Tensor.h>

namespace winnow {

/// What masked_logsumexp gives for a row without entries: far below every score, finite, so that gradients are 0 and
/// not NaN.
constexpr double kNothing = -1e30;

/// log sum_j w_j e^{x_ij} over the entries of row i that the mask keeps; kNothing for a row without any.
/// @param x        [B, N]
/// @param mask     bool [B, N]
/// @param weights  [N] >= 0, or undefined for all 1 (trust of the partners: a weight of 0 is an entry left out)
/// @return [B]
at::Tensor masked_logsumexp(const at::Tensor& x, const at::Tensor& mask, const at::Tensor& weights = {});

/// log(1 + e^{x}) with its exact gradient for every x.
at::Tensor log_one_plus_exp(const at::Tensor& x);

/// Euclidean distance of unit vectors from their cosine, sqrt(2 - 2 S), with no slope where vectors coincide.
at::Tensor unit_distance(const at::Tensor& cosine);

/// sqrt(1 - c^2), floored so that its slope stays finite at +-1.
at::Tensor sine_of(const at::Tensor& cosine);

}  // namespace winnow
