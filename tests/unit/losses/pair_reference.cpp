#include "tests/unit/losses/pair_reference.h"

#include <ATen/ATen.h>

#include <cmath>

namespace winnow::test {

PlainBatch::PlainBatch(const LossBatch& batch) {
  for (int64_t i = 0; i < batch.z.size(0); ++i) {
    z.emplace_back();
    for (int64_t d = 0; d < batch.z.size(1); ++d) z.back().push_back(batch.z[i][d].item<double>());
    labels.push_back(batch.labels[i].item<int64_t>());
  }
}

double PlainBatch::cosine(size_t i, size_t j) const {
  double sum = 0;
  for (size_t d = 0; d < z[i].size(); ++d) sum += z[i][d] * z[j][d];
  return sum;
}

double PlainBatch::distance(size_t i, size_t j) const {
  double sum = 0;
  for (size_t d = 0; d < z[i].size(); ++d) sum += (z[i][d] - z[j][d]) * (z[i][d] - z[j][d]);
  return std::sqrt(sum);
}

double PlainBatch::over_positives(size_t i, const std::function<double(size_t)>& f) const {
  double sum = 0;
  for (size_t j = 0; j < size(); ++j)
    if (same(i, j)) sum += f(j);
  return sum;
}

double PlainBatch::over_negatives(size_t i, const std::function<double(size_t)>& f) const {
  double sum = 0;
  for (size_t j = 0; j < size(); ++j)
    if (differ(i, j)) sum += f(j);
  return sum;
}

size_t PlainBatch::positives(size_t i) const {
  return static_cast<size_t>(over_positives(i, [](size_t) { return 1.0; }));
}

size_t PlainBatch::negatives(size_t i) const {
  return static_cast<size_t>(over_negatives(i, [](size_t) { return 1.0; }));
}

double mean_of(const std::vector<double>& values, bool nonzero) {
  double sum = 0, count = 0;
  for (const double value : values)
    if (!nonzero || value > 0) sum += value, count += 1;
  return count > 0 ? sum / count : 0.0;
}

}  // namespace winnow::test
