#include "src/evaluation/score_pairs_avx.h"

#define WINNOW_LANES 16
#define WINNOW_ROWS 14
#define WINNOW_FUSED(a, b, c) ((Lanes)_mm512_fmadd_ps((__m512)(a), (__m512)(b), (__m512)(c)))
#define WINNOW_WINDOW(p) _mm256_loadu_ps(p)
#define WINNOW_SPREAD(s) _mm256_set1_ps(s)
#define WINNOW_ABOVE(w, s) _mm256_cmp_ps_mask(w, s, _CMP_GT_OQ)
#define WINNOW_EQUAL(w, s) _mm256_cmp_ps_mask(w, s, _CMP_EQ_OQ)
#include "src/evaluation/score_kernel_body.h"

namespace winnow {

extern const ScoreKernel kAvx512ScoreKernel;
const ScoreKernel kAvx512ScoreKernel = {"avx512",  WINNOW_ROWS, tile,   pairs,         buckets,
                                        fixed_sum, count,       equals, count_at_least};

}  // namespace winnow
