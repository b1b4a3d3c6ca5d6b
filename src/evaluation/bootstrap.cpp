#include "src/evaluation/bootstrap.h"

#include <algorithm>
#include <cmath>

#include "src/core/parallel.h"
#include "src/core/random.h"

namespace winnow {
namespace {

/// Quantile by linear interpolation between order statistics (as numpy's default).
double quantile(const std::vector<double>& sorted, double q) {
  const double at = q * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<size_t>(std::floor(at));
  const size_t high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (at - static_cast<double>(low)) * (sorted[high] - sorted[low]);
}

}  // namespace

std::vector<Interval> bootstrap_means(const std::vector<double>& values, int64_t columns, int64_t resamples,
                                      uint64_t seed) {
  const int64_t rows = static_cast<int64_t>(values.size()) / columns;
  std::vector<double> means(static_cast<size_t>(columns * resamples));  // [columns, resamples]
  parallel_for(resamples, [&](int64_t begin, int64_t end) {
    std::vector<double> sum(static_cast<size_t>(columns));
    for (int64_t r = begin; r < end; ++r) {
      Random random(seed, "bootstrap", static_cast<uint64_t>(r));
      std::fill(sum.begin(), sum.end(), 0.0);
      for (int64_t i = 0; i < rows; ++i) {
        const double* row = values.data() + static_cast<int64_t>(random.below(static_cast<uint64_t>(rows))) * columns;
        for (int64_t c = 0; c < columns; ++c) sum[c] += row[c];
      }
      for (int64_t c = 0; c < columns; ++c) means[c * resamples + r] = sum[c] / static_cast<double>(rows);
    }
  });
  std::vector<Interval> out;
  for (int64_t c = 0; c < columns; ++c) {
    std::vector<double> column(means.begin() + c * resamples, means.begin() + (c + 1) * resamples);
    std::sort(column.begin(), column.end());
    out.push_back({quantile(column, 0.025), quantile(column, 0.975)});
  }
  return out;
}

}  // namespace winnow
