#include "src/evaluation/score_kernel.h"

#include <algorithm>

namespace winnow {

extern const ScoreKernel kGenericScoreKernel;
#ifdef __x86_64__
extern const ScoreKernel kAvx2ScoreKernel;
extern const ScoreKernel kAvx512ScoreKernel;
#endif

std::vector<ScoreKernel> score_kernels() {
  std::vector<ScoreKernel> out = {kGenericScoreKernel};
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) out.push_back(kAvx2ScoreKernel);
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512dq"))
    out.push_back(kAvx512ScoreKernel);
#endif
  return out;
}

const ScoreKernel& best_score_kernel() {
  static const ScoreKernel best = score_kernels().back();
  return best;
}

void pack_panels(const float* vectors, int64_t dim, const int64_t* rows, int64_t first, int64_t n, float* out) {
  for (int64_t p = 0; p < n; p += kPanel, out += dim * kPanel) {
    const int64_t width = std::min<int64_t>(kPanel, n - p);
    if (width < kPanel) std::fill(out, out + dim * kPanel, 0.0f);
    for (int64_t j = 0; j < width; ++j) {
      const float* source = vectors + (rows ? rows[p + j] : first + p + j) * dim;
      for (int64_t k = 0; k < dim; ++k) out[k * kPanel + j] = source[k];
    }
  }
}

void pack_queries(const float* vectors, int64_t dim, std::span<const int64_t> rows, int per_call,
                  std::vector<float>& out) {
  const auto group = static_cast<size_t>(per_call), length = static_cast<size_t>(dim);
  out.assign((rows.size() + group - 1) / group * group * length, 0.0f);
  for (size_t i = 0; i < rows.size(); ++i) {
    const float* source = vectors + rows[i] * dim;
    float* to = out.data() + i / group * group * length + i % group;
    for (size_t k = 0; k < length; ++k) to[k * group] = source[k];
  }
}

}  // namespace winnow
