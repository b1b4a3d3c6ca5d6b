#pragma once

#include <cstdint>
#include <vector>

#include "src/image/transform.h"

namespace winnow {

/// Fractional bits of a filter weight: 8 bits hold the pixel and 2 the overshoot of a sharpening filter.
constexpr int kWeightBits = 32 - 8 - 2;

/// For each output position of one axis: the input positions that feed it and their fixed-point weights (sum 2^22).
struct AxisWeights {
  int taps = 0;                  ///< room for weights of one output position
  std::vector<int> first;        ///< [out] first input position
  std::vector<int> count;        ///< [out] number of input positions, <= taps
  std::vector<int32_t> weights;  ///< [out * taps]
};

/// Weights of PIL's Resample.c: the filter is widened by max(1, scale), cut at the picture's border and normalised.
/// @param begin, end  the source region in pixels, 0 <= begin < end <= in_size
AxisWeights axis_weights(int in_size, double begin, double end, int out_size, Filter filter);

/// A picture of three interleaved channels, `stride` bytes from row to row.
struct Plane {
  const uint8_t* data;
  int width, height;
  size_t stride;
};

/// Resamples each of the first `rows` rows of source into destination rows of weights.first.size() pixels.
/// Destination rows need one byte of slack after their last pixel, which is overwritten.
void resample_rows(const Plane& source, int rows, const AxisWeights& weights, uint8_t* destination, size_t stride);

/// Resamples down the columns: row y of the destination mixes source rows weights.first[y] - row_offset and on.
void resample_columns(const uint8_t* source, size_t source_stride, int width, int row_offset, const AxisWeights& weights,
                      uint8_t* destination, size_t stride);

}  // namespace winnow
