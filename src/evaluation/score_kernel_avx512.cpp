#include <immintrin.h>

#define WINNOW_LANES 16
#define WINNOW_ROWS 14
#define WINNOW_FUSED(a, b, c) ((Lanes)_mm512_fmadd_ps((__m512)(a), (__m512)(b), (__m512)(c)))
#include "src/evaluation/score_kernel_body.h"

namespace winnow {

extern const ScoreKernel kAvx512ScoreKernel;
const ScoreKernel kAvx512ScoreKernel = {"avx512", WINNOW_ROWS, tile, buckets, fixed_sum, count_at_least};

}  // namespace winnow
