#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "src/image/transform.h"

namespace winnow {

/// Fractional bits of a filter weight: 8 bits hold the pixel and 2 the overshoot of a sharpening filter.
constexpr int kWeightBits = 32 - 8 - 2;

/// For each output position of one axis: the input positions that feed it and their fixed-point weights (sum 2^22).
/// Every position has the same number of taps, so that inner loops have no branches; unused ones weigh 0.
struct AxisWeights {
  int taps = 0;
  std::vector<int> first;        ///< [out] first input position, ascending; first + taps <= input size
  std::vector<int32_t> weights;  ///< [out * taps]
  int size() const { return static_cast<int>(first.size()); }
};

/// Weights of PIL's Resample.c: the filter is widened by max(1, scale), cut at the picture's border and normalised.
/// @param begin, end  the source region in pixels, 0 <= begin < end <= in_size
AxisWeights axis_weights(int in_size, double begin, double end, int out_size, Filter filter);

/// Rows of three interleaved channels, `stride` bytes from row to row.
struct RowSpan {
  const uint8_t* data;
  int width, rows;
  size_t stride;
};

/// Bytes after the last pixel of a destination row that resample_rows may overwrite.
constexpr size_t kRowSlack = 4;

/// The two passes of one instruction set. All give the same bits.
struct ResamplePasses {
  /// Along the rows: each source row becomes weights.size() pixels. Reads up to 1 byte past the last pixel of a row.
  void (*rows)(const RowSpan& source, const AxisWeights& weights, uint8_t* destination, size_t stride);
  /// Across the rows: destination row y mixes source rows weights.first[y] - row_offset and on. Exact on both sides.
  void (*columns)(const RowSpan& source, int row_offset, const AxisWeights& weights, uint8_t* destination,
                  size_t stride);
};

const ResamplePasses& portable_passes();
/// AVX2, or the portable ones where this processor has none. @note thread-safe
const ResamplePasses& fastest_passes();

}  // namespace winnow
