#include <immintrin.h>

#define WINNOW_LANES 8
#define WINNOW_ROWS 6
#define WINNOW_FUSED(a, b, c) ((Lanes)_mm256_fmadd_ps((__m256)(a), (__m256)(b), (__m256)(c)))
#include "src/evaluation/score_kernel_body.h"

namespace winnow {

extern const ScoreKernel kAvx2ScoreKernel;
const ScoreKernel kAvx2ScoreKernel = {"avx2", WINNOW_ROWS, tile, buckets, fixed_sum, count_at_least};

}  // namespace winnow
