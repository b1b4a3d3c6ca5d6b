#include <immintrin.h>

#define WINNOW_LANES 16
#define WINNOW_ROWS 14
#define WINNOW_FUSED(a, b, c) ((Lanes)_mm512_fmadd_ps((__m512)(a), (__m512)(b), (__m512)(c)))
#define WINNOW_FUSED_ONE(a, b, c) __builtin_fmaf(a, b, c)
#define WINNOW_ABOVE(p, s) __builtin_popcount(_mm512_cmp_ps_mask(_mm512_loadu_ps(p), _mm512_set1_ps(s), _CMP_GT_OQ))
#include "src/evaluation/score_kernel_body.h"

namespace winnow {

extern const ScoreKernel kAvx512ScoreKernel;
const ScoreKernel kAvx512ScoreKernel = {"avx512", WINNOW_ROWS, tile, pairs, buckets, fixed_sum, count, count_at_least};

}  // namespace winnow
