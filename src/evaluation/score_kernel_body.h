// The kernel in terms of WINNOW_LANES (floats a register), WINNOW_ROWS (queries a call), WINNOW_FUSED(a, b, c),
// which is a * b + c rounded once where the instruction set can, and WINNOW_ABOVE(p, s) and WINNOW_EQUAL(p, s), masks
// of those of p[0 .. kWindow) that are above s, or equal. Included once by each score_kernel_*.cpp, which is compiled
// for its own instruction set: nothing here may have external linkage, or the linker could hand AVX code to a machine
// without it.
#include "src/evaluation/score_kernel.h"

namespace winnow {
namespace {

typedef float Lanes __attribute__((vector_size(WINNOW_LANES * 4), aligned(4), may_alias));
constexpr int kPerRow = kPanel / WINNOW_LANES;
constexpr int64_t kChunk = 128;

/// v - 0 is v for every v (0 + v is not, for -0), so no subtraction is left of it.
inline Lanes broadcast(float v) { return v - Lanes{}; }

inline void panel(const float* a, const float* b, int64_t depth, float* c, int64_t stride, bool first) {
  Lanes sum[WINNOW_ROWS][kPerRow] = {};
  for (int64_t k = 0; k < depth; ++k) {
    Lanes column[kPerRow];
#pragma GCC unroll 16
    for (int v = 0; v < kPerRow; ++v) column[v] = *reinterpret_cast<const Lanes*>(b + k * kPanel + v * WINNOW_LANES);
#pragma GCC unroll 16
    for (int m = 0; m < WINNOW_ROWS; ++m) {
      const float q = a[k * WINNOW_ROWS + m];
#pragma GCC unroll 16
      for (int v = 0; v < kPerRow; ++v) sum[m][v] = WINNOW_FUSED(broadcast(q), column[v], sum[m][v]);
    }
  }
#pragma GCC unroll 16
  for (int m = 0; m < WINNOW_ROWS; ++m)
#pragma GCC unroll 16
    for (int v = 0; v < kPerRow; ++v) {
      Lanes* out = reinterpret_cast<Lanes*>(c + m * stride + v * WINNOW_LANES);
      *out = first ? sum[m][v] : *out + sum[m][v];
    }
}

void tile(const float* a, const float* b, int64_t dim, int64_t panels, float* c, int64_t stride) {
  for (int64_t p = 0; p < panels; ++p)
    for (int64_t k = 0; k < dim; k += kChunk) {
      const int64_t depth = dim - k < kChunk ? dim - k : kChunk;
      panel(a + k * WINNOW_ROWS, b + (p * dim + k) * kPanel, depth, c + p * kPanel, stride, k == 0);
    }
}

void buckets(const float* s, int64_t n, int count, uint16_t* out) {
  const float half = static_cast<float>(count / 2), last = static_cast<float>(count - 1);
  for (int64_t i = 0; i < n; ++i) {
    float x = half - 1 - __builtin_floorf(s[i] * half);
    x = x < 0.0f ? 0.0f : x;
    x = x > last ? last : x;
    out[i] = static_cast<uint16_t>(static_cast<int32_t>(x));
  }
}

int64_t fixed_sum(const float* s, int64_t n) {
  int64_t sum = 0;
  for (int64_t i = 0; i < n; ++i) {
    float x = s[i] < -1.5f ? -1.5f : s[i];
    x = x > 1.5f ? 1.5f : x;
    sum += static_cast<int32_t>(x * static_cast<float>(kFixedUnit));
  }
  return sum;
}

int64_t count_at_least(const float* s, int64_t n, float bound) {
  int32_t count = 0;
  for (int64_t i = 0; i < n; ++i) count += s[i] >= bound ? 1 : 0;
  return count;
}

/// No branch depends on a score unless a bucket holds kWindow known ones or more.
int64_t count(const float* __restrict s, const uint16_t* __restrict bucket, int64_t n,
              const uint32_t* __restrict first_slot, const float* __restrict known, uint16_t* __restrict slots) {
  int64_t found = 0;
  for (int64_t i = 0; i < n; ++i) {
    const uint32_t b = bucket[i], slot = first_slot[b];
    const float* p = known + (slot - b);
    const auto score = WINNOW_SPREAD(s[i]);
    auto window = WINNOW_WINDOW(p);
    auto above = static_cast<uint32_t>(__builtin_popcount(WINNOW_ABOVE(window, score)));
    for (uint32_t more = above; __builtin_expect(more == kWindow, 0); above += more) {
      window = WINNOW_WINDOW(p + above);
      more = static_cast<uint32_t>(__builtin_popcount(WINNOW_ABOVE(window, score)));
    }
    found += WINNOW_EQUAL(window, score) != 0 ? 1 : 0;
    ++slots[slot + above];
  }
  return found;
}

int64_t equals(const float* __restrict s, const uint16_t* __restrict bucket, int64_t n,
               const uint32_t* __restrict first_slot, const float* __restrict known, uint16_t* __restrict equal,
               uint32_t* __restrict equal_to) {
  int64_t found = 0;
  for (int64_t i = 0; i < n; ++i) {
    const uint32_t b = bucket[i];
    uint32_t at = first_slot[b] - b;
    const uint32_t end = first_slot[b + 1] - (b + 1);
    while (at < end && known[at] > s[i]) ++at;
    equal[found] = static_cast<uint16_t>(i);
    equal_to[found] = at;
    found += at < end && known[at] == s[i] ? 1 : 0;
  }
  return found;
}

}  // namespace
}  // namespace winnow
