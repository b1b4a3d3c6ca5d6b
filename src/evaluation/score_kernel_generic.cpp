#define WINNOW_LANES 4
#define WINNOW_ROWS 4
#define WINNOW_FUSED(a, b, c) ((a) * (b) + (c))
#include "src/evaluation/score_kernel_body.h"

namespace winnow {

extern const ScoreKernel kGenericScoreKernel;
const ScoreKernel kGenericScoreKernel = {"generic", WINNOW_ROWS, tile, buckets, fixed_sum, count_at_least};

}  // namespace winnow
