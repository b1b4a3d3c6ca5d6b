#include <algorithm>
#include <cstring>

#include "src/image/resample.h"

// The two inner loops, written with GCC's vector types and compiled twice on x86: for the baseline and for AVX2, whose
// 32-bit multiply is one instruction. The choice is made at run time.
#if defined(__x86_64__) && defined(__GNUC__)
#define WINNOW_HAS_AVX2_PATH 1
#endif

namespace winnow {
namespace {

using Bytes4 = uint8_t __attribute__((vector_size(4)));
using Bytes8 = uint8_t __attribute__((vector_size(8)));
using Ints4 = int32_t __attribute__((vector_size(16)));
using Ints8 = int32_t __attribute__((vector_size(32)));

constexpr int32_t kHalf = 1 << (kWeightBits - 1);

uint8_t clip(int32_t sum) { return static_cast<uint8_t>(std::clamp(sum >> kWeightBits, 0, 255)); }

/// Two rows at a time share the weights. A load takes four bytes for a three-byte pixel; the fourth lane is discarded
/// when the next pixel overwrites it.
[[gnu::always_inline]] inline void row_pair(const uint8_t* a, const uint8_t* b, const AxisWeights& w, uint8_t* out_a,
                                            uint8_t* out_b) {
  const int n = static_cast<int>(w.first.size());
  const int32_t* weights = w.weights.data();
  for (int x = 0; x < n; ++x, weights += w.taps) {
    const uint8_t* pa = a + static_cast<size_t>(w.first[x]) * 3;
    const uint8_t* pb = b + static_cast<size_t>(w.first[x]) * 3;
    Ints4 sum_a = {kHalf, kHalf, kHalf, kHalf}, sum_b = sum_a;
    for (int k = 0; k < w.count[x]; ++k, pa += 3, pb += 3) {
      Bytes4 va, vb;
      std::memcpy(&va, pa, 4);
      std::memcpy(&vb, pb, 4);
      sum_a += __builtin_convertvector(va, Ints4) * weights[k];
      sum_b += __builtin_convertvector(vb, Ints4) * weights[k];
    }
    const Ints4 zero = {0, 0, 0, 0}, top = {255, 255, 255, 255};
    sum_a >>= kWeightBits;
    sum_b >>= kWeightBits;
    sum_a = sum_a < zero ? zero : sum_a;
    sum_b = sum_b < zero ? zero : sum_b;
    sum_a = sum_a > top ? top : sum_a;
    sum_b = sum_b > top ? top : sum_b;
    const Bytes4 ra = __builtin_convertvector(sum_a, Bytes4), rb = __builtin_convertvector(sum_b, Bytes4);
    std::memcpy(out_a + static_cast<size_t>(x) * 3, &ra, 4);
    std::memcpy(out_b + static_cast<size_t>(x) * 3, &rb, 4);
  }
}

[[gnu::always_inline]] inline void mix_rows(const uint8_t* source, size_t stride, int bytes, const int32_t* weights,
                                            int count, uint8_t* out) {
  int x = 0;
  for (; x + 16 <= bytes; x += 16) {
    Ints8 low = {kHalf, kHalf, kHalf, kHalf, kHalf, kHalf, kHalf, kHalf}, high = low;
    const uint8_t* p = source + x;
    for (int k = 0; k < count; ++k, p += stride) {
      Bytes8 a, b;
      std::memcpy(&a, p, 8);
      std::memcpy(&b, p + 8, 8);
      low += __builtin_convertvector(a, Ints8) * weights[k];
      high += __builtin_convertvector(b, Ints8) * weights[k];
    }
    const Ints8 zero = {}, top = {255, 255, 255, 255, 255, 255, 255, 255};
    low >>= kWeightBits;
    high >>= kWeightBits;
    low = low < zero ? zero : low;
    high = high < zero ? zero : high;
    low = low > top ? top : low;
    high = high > top ? top : high;
    const Bytes8 a = __builtin_convertvector(low, Bytes8), b = __builtin_convertvector(high, Bytes8);
    std::memcpy(out + x, &a, 8);
    std::memcpy(out + x + 8, &b, 8);
  }
  for (; x < bytes; ++x) {
    int32_t sum = kHalf;
    for (int k = 0; k < count; ++k) sum += source[k * stride + x] * weights[k];
    out[x] = clip(sum);
  }
}

#ifdef WINNOW_HAS_AVX2_PATH
[[gnu::target("avx2")]] void row_pair_avx2(const uint8_t* a, const uint8_t* b, const AxisWeights& w, uint8_t* out_a,
                                           uint8_t* out_b) {
  row_pair(a, b, w, out_a, out_b);
}
[[gnu::target("avx2")]] void mix_rows_avx2(const uint8_t* source, size_t stride, int bytes, const int32_t* weights,
                                           int count, uint8_t* out) {
  mix_rows(source, stride, bytes, weights, count, out);
}
bool has_avx2() {
  static const bool yes = __builtin_cpu_supports("avx2");
  return yes;
}
#endif

void row_pair_baseline(const uint8_t* a, const uint8_t* b, const AxisWeights& w, uint8_t* out_a, uint8_t* out_b) {
  row_pair(a, b, w, out_a, out_b);
}
void mix_rows_baseline(const uint8_t* source, size_t stride, int bytes, const int32_t* weights, int count,
                       uint8_t* out) {
  mix_rows(source, stride, bytes, weights, count, out);
}

auto best_row_pair() {
#ifdef WINNOW_HAS_AVX2_PATH
  if (has_avx2()) return &row_pair_avx2;
#endif
  return &row_pair_baseline;
}

auto best_mix_rows() {
#ifdef WINNOW_HAS_AVX2_PATH
  if (has_avx2()) return &mix_rows_avx2;
#endif
  return &mix_rows_baseline;
}

}  // namespace

void resample_rows(const Plane& source, int rows, const AxisWeights& weights, uint8_t* destination, size_t stride) {
  const auto pass = best_row_pair();
  // The picture's last row ends where its buffer ends, so the four-byte loads run on a padded copy of it.
  std::vector<uint8_t> last(static_cast<size_t>(source.width) * 3 + 4, 0);
  const auto row = [&](int y) -> const uint8_t* {
    const uint8_t* p = source.data + y * source.stride;
    if (y + 1 < source.height) return p;
    std::memcpy(last.data(), p, static_cast<size_t>(source.width) * 3);
    return last.data();
  };
  for (int y = 0; y < rows; y += 2) {
    const int other = std::min(y + 1, rows - 1);
    pass(row(y), row(other), weights, destination + y * stride, destination + other * stride);
  }
}

void resample_columns(const uint8_t* source, size_t source_stride, int width, int row_offset,
                      const AxisWeights& weights, uint8_t* destination, size_t stride) {
  const auto pass = best_mix_rows();
  for (size_t y = 0; y < weights.first.size(); ++y) {
    pass(source + (weights.first[y] - row_offset) * source_stride, source_stride, width * 3,
         weights.weights.data() + y * weights.taps, weights.count[y], destination + y * stride);
  }
}

}  // namespace winnow
