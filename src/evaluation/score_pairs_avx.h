// ScoreKernel::pairs for instruction sets with AVX and FMA: eight components of eight rows are turned at a time, so
// that a register holds one component of all rows. Included by score_kernel_*.cpp, which are compiled for their own
// instruction set: nothing here may have external linkage.
#include <immintrin.h>

#include "src/evaluation/score_kernel.h"

namespace winnow {
namespace {

/// column[k] = component k of the eight rows.
inline void turn_eight(const float* const* rows, int64_t at, __m256* column) {
  __m256 r[kPairs], t[kPairs];
#pragma GCC unroll 8
  for (int i = 0; i < kPairs; ++i) r[i] = _mm256_loadu_ps(rows[i] + at);
#pragma GCC unroll 4
  for (int i = 0; i < kPairs; i += 2) {
    t[i] = _mm256_unpacklo_ps(r[i], r[i + 1]);
    t[i + 1] = _mm256_unpackhi_ps(r[i], r[i + 1]);
  }
#pragma GCC unroll 2
  for (int i = 0; i < kPairs; i += 4) {
    r[i] = _mm256_shuffle_ps(t[i], t[i + 2], 0x44);
    r[i + 1] = _mm256_shuffle_ps(t[i], t[i + 2], 0xEE);
    r[i + 2] = _mm256_shuffle_ps(t[i + 1], t[i + 3], 0x44);
    r[i + 3] = _mm256_shuffle_ps(t[i + 1], t[i + 3], 0xEE);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {
    column[i] = _mm256_permute2f128_ps(r[i], r[i + 4], 0x20);
    column[i + 4] = _mm256_permute2f128_ps(r[i], r[i + 4], 0x31);
  }
}

void pairs(const float* q, const float* const* rows, int64_t dim, float* out) {
  constexpr int64_t kDepth = 128;  // kChunk of the kernel
  __m256 all = _mm256_setzero_ps();
  for (int64_t k = 0; k < dim; k += kDepth) {
    const int64_t end = dim - k < kDepth ? dim : k + kDepth;
    __m256 sum = _mm256_setzero_ps();
    int64_t j = k;
    for (; j + kPairs <= end; j += kPairs) {
      __m256 column[kPairs];
      turn_eight(rows, j, column);
#pragma GCC unroll 8
      for (int i = 0; i < kPairs; ++i) sum = _mm256_fmadd_ps(_mm256_set1_ps(q[j + i]), column[i], sum);
    }
    for (; j < end; ++j)
      sum = _mm256_fmadd_ps(_mm256_set1_ps(q[j]),
                            _mm256_setr_ps(rows[0][j], rows[1][j], rows[2][j], rows[3][j], rows[4][j], rows[5][j],
                                           rows[6][j], rows[7][j]),
                            sum);
    all = k == 0 ? sum : _mm256_add_ps(all, sum);
  }
  _mm256_storeu_ps(out, all);
}

}  // namespace
}  // namespace winnow
