#define WINNOW_LANES 16
#define WINNOW_ROWS 14
#include "src/evaluation/score_kernel_body.h"

namespace winnow {

extern const ScoreKernel kAvx512ScoreKernel;
const ScoreKernel kAvx512ScoreKernel = {"avx512", WINNOW_ROWS, tile, buckets, fixed_sum, count_at_least};

}  // namespace winnow
