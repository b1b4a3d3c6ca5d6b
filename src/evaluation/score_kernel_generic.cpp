#include "src/evaluation/score_kernel.h"

#define WINNOW_LANES 4
#define WINNOW_ROWS 4
#define WINNOW_FUSED(a, b, c) ((a) * (b) + (c))
#define WINNOW_WINDOW(p) (p)
#define WINNOW_SPREAD(s) (s)
#define WINNOW_ABOVE(p, s) above_in_window(p, s)
#define WINNOW_EQUAL(p, s) equal_in_window(p, s)

namespace winnow {
namespace {

void pairs(const float* q, const float* const* rows, int64_t dim, float* out) {
  constexpr int64_t kDepth = 128;  // kChunk of the kernel
  for (int64_t k = 0; k < dim; k += kDepth) {
    const int64_t end = dim - k < kDepth ? dim : k + kDepth;
    float sum[kPairs] = {};
    for (int64_t j = k; j < end; ++j)
#pragma GCC unroll 16
      for (int i = 0; i < kPairs; ++i) sum[i] = q[j] * rows[i][j] + sum[i];
    for (int i = 0; i < kPairs; ++i) out[i] = k == 0 ? sum[i] : out[i] + sum[i];
  }
}

inline uint32_t above_in_window(const float* p, float s) {
  uint32_t above = 0;
  for (int j = 0; j < kWindow; ++j) above |= (p[j] > s ? 1U : 0U) << j;
  return above;
}

inline uint32_t equal_in_window(const float* p, float s) {
  uint32_t equal = 0;
  for (int j = 0; j < kWindow; ++j) equal |= (p[j] == s ? 1U : 0U) << j;
  return equal;
}

}  // namespace
}  // namespace winnow

#include "src/evaluation/score_kernel_body.h"

namespace winnow {

extern const ScoreKernel kGenericScoreKernel;
const ScoreKernel kGenericScoreKernel = {"generic", WINNOW_ROWS, tile,   pairs,         buckets,
                                         fixed_sum, count,       equals, count_at_least};

}  // namespace winnow
