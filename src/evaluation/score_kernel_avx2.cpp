#include "src/evaluation/score_pairs_avx.h"

#define WINNOW_LANES 8
#define WINNOW_ROWS 6
#define WINNOW_FUSED(a, b, c) ((Lanes)_mm256_fmadd_ps((__m256)(a), (__m256)(b), (__m256)(c)))
#define WINNOW_WINDOW(p) _mm256_loadu_ps(p)
#define WINNOW_SPREAD(s) _mm256_set1_ps(s)
#define WINNOW_ABOVE(w, s) static_cast<uint32_t>(_mm256_movemask_ps(_mm256_cmp_ps(w, s, _CMP_GT_OQ)))
#define WINNOW_EQUAL(w, s) _mm256_movemask_ps(_mm256_cmp_ps(w, s, _CMP_EQ_OQ))
#include "src/evaluation/score_kernel_body.h"

namespace winnow {

extern const ScoreKernel kAvx2ScoreKernel;
const ScoreKernel kAvx2ScoreKernel = {"avx2",    WINNOW_ROWS, tile,   pairs,         buckets,
                                      fixed_sum, count,       equals, count_at_least};

}  // namespace winnow
