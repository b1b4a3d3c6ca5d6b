#define WINNOW_LANES 8
#define WINNOW_ROWS 6
#include "src/evaluation/score_kernel_body.h"

namespace winnow {

extern const ScoreKernel kAvx2ScoreKernel;
const ScoreKernel kAvx2ScoreKernel = {"avx2", WINNOW_ROWS, tile, buckets, fixed_sum, count_at_least};

}  // namespace winnow
