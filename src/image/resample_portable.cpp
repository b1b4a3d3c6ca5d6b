#include <algorithm>

#include "src/image/resample.h"

namespace winnow {
namespace {

constexpr int32_t kHalf = 1 << (kWeightBits - 1);

uint8_t clip(int32_t sum) { return static_cast<uint8_t>(std::clamp(sum >> kWeightBits, 0, 255)); }

void resample_rows(const RowSpan& source, const AxisWeights& w, uint8_t* destination, size_t stride) {
  for (int y = 0; y < source.rows; ++y) {
    const uint8_t* in = source.data + y * source.stride;
    uint8_t* out = destination + y * stride;
    for (int x = 0; x < w.size(); ++x, out += 3) {
      const uint8_t* p = in + static_cast<size_t>(w.first[x]) * 3;
      const int32_t* weights = w.weights.data() + static_cast<size_t>(x) * w.taps;
      int32_t red = kHalf, green = kHalf, blue = kHalf;
      for (int k = 0; k < w.taps; ++k, p += 3) {
        red += p[0] * weights[k];
        green += p[1] * weights[k];
        blue += p[2] * weights[k];
      }
      out[0] = clip(red);
      out[1] = clip(green);
      out[2] = clip(blue);
    }
  }
}

void resample_columns(const RowSpan& source, int row_offset, const AxisWeights& w, uint8_t* destination,
                      size_t stride) {
  const int bytes = source.width * 3;
  std::vector<int32_t> sums(bytes);
  for (int y = 0; y < w.size(); ++y) {
    std::fill(sums.begin(), sums.end(), kHalf);
    for (int k = 0; k < w.taps; ++k) {
      const uint8_t* in = source.data + (w.first[y] - row_offset + k) * source.stride;
      const int32_t weight = w.weights[static_cast<size_t>(y) * w.taps + k];
      for (int x = 0; x < bytes; ++x) sums[x] += in[x] * weight;
    }
    uint8_t* out = destination + y * stride;
    for (int x = 0; x < bytes; ++x) out[x] = clip(sums[x]);
  }
}

}  // namespace

const ResamplePasses& portable_passes() {
  static constexpr ResamplePasses kPasses{resample_rows, resample_columns};
  return kPasses;
}

}  // namespace winnow
