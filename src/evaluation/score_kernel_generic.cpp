#include "src/evaluation/score_kernel.h"

#define WINNOW_LANES 4
#define WINNOW_ROWS 4
#define WINNOW_FUSED(a, b, c) ((a) * (b) + (c))
#define WINNOW_FUSED_ONE(a, b, c) ((a) * (b) + (c))
#define WINNOW_ABOVE(p, s) above_of_panel(p, s)

namespace winnow {
namespace {

inline int above_of_panel(const float* p, float s) {
  int above = 0;
  for (int j = 0; j < kPanel; ++j) above += p[j] > s ? 1 : 0;
  return above;
}

}  // namespace
}  // namespace winnow

#include "src/evaluation/score_kernel_body.h"

namespace winnow {

extern const ScoreKernel kGenericScoreKernel;
const ScoreKernel kGenericScoreKernel = {"generic", WINNOW_ROWS, tile,  pairs,
                                         buckets,   fixed_sum,   count, count_at_least};

}  // namespace winnow
