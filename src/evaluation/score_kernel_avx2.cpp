#include <immintrin.h>

#define WINNOW_LANES 8
#define WINNOW_ROWS 6
#define WINNOW_FUSED(a, b, c) ((Lanes)_mm256_fmadd_ps((__m256)(a), (__m256)(b), (__m256)(c)))
#define WINNOW_FUSED_ONE(a, b, c) __builtin_fmaf(a, b, c)
#define WINNOW_ABOVE_8(p, s) _mm256_movemask_ps(_mm256_cmp_ps(_mm256_loadu_ps(p), _mm256_set1_ps(s), _CMP_GT_OQ))
#define WINNOW_ABOVE(p, s) __builtin_popcount(WINNOW_ABOVE_8(p, s) | WINNOW_ABOVE_8((p) + 8, s) << 8)
#include "src/evaluation/score_kernel_body.h"

namespace winnow {

extern const ScoreKernel kAvx2ScoreKernel;
const ScoreKernel kAvx2ScoreKernel = {"avx2", WINNOW_ROWS, tile, pairs, buckets, fixed_sum, count, count_at_least};

}  // namespace winnow
