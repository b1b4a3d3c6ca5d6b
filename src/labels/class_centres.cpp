#include "src/labels/class_centres.h"

#include <cmath>
#include <limits>

#include "src/core/error.h"
#include "src/core/parallel.h"

namespace winnow {

float dot(const float* a, const float* b, int64_t dim) {
  float sums[16] = {};
  int64_t d = 0;
  for (; d + 16 <= dim; d += 16)
    for (int l = 0; l < 16; ++l) sums[l] += a[d + l] * b[d + l];
  float total = 0;
  for (const float sum : sums) total += sum;
  for (; d < dim; ++d) total += a[d] * b[d];
  return total;
}

void to_unit(std::span<float> v) {
  const float norm = std::sqrt(dot(v.data(), v.data(), static_cast<int64_t>(v.size())));
  if (norm > 0)
    for (float& x : v) x /= norm;
}

void check_vectors(const UnitVectors& vectors, const GivenLabels& given) {
  if (vectors.rows != static_cast<int64_t>(given.labels.size()) || vectors.dim < 1 ||
      static_cast<int64_t>(vectors.values.size()) != vectors.rows * vectors.dim)
    throw Error(ErrorCode::kShape, "[noise] one vector a label is required, got " + std::to_string(vectors.rows) +
                                       " vectors for " + std::to_string(given.labels.size()) + " labels");
  for (size_t i = 0; i < given.labels.size(); ++i)
    if (given.labels[i] < 0 || given.labels[i] >= given.classes())
      throw Error(ErrorCode::kData, "[noise] row " + std::to_string(i) + ": the label must be in 0.." +
                                        std::to_string(given.classes() - 1) + ", got " +
                                        std::to_string(given.labels[i]));
}

ClassSums sum_classes(const UnitVectors& vectors, std::span<const int64_t> labels, int64_t classes,
                      std::span<const char> use) {
  ClassSums out{std::vector<float>(static_cast<size_t>(classes * vectors.dim)),
                std::vector<int64_t>(static_cast<size_t>(classes))};
  for (int64_t i = 0; i < vectors.rows; ++i) {
    if (!use.empty() && use[static_cast<size_t>(i)] == 0) continue;
    const auto k = labels[static_cast<size_t>(i)];
    float* sum = out.sums.data() + k * vectors.dim;
    for (int64_t d = 0; d < vectors.dim; ++d) sum[d] += vectors.row(i)[d];
    ++out.counts[static_cast<size_t>(k)];
  }
  return out;
}

CentreScores score_centres(const UnitVectors& vectors, std::span<const int64_t> labels, const ClassSums& sums,
                           std::span<const char> use) {
  const auto n = static_cast<size_t>(vectors.rows);
  const auto classes = static_cast<int64_t>(sums.counts.size());
  std::vector<float> centres(sums.sums);
  for (int64_t k = 0; k < classes; ++k)
    to_unit(std::span(centres).subspan(static_cast<size_t>(k * vectors.dim), static_cast<size_t>(vectors.dim)));
  CentreScores out{std::vector<float>(n), std::vector<float>(n, -1), std::vector<int32_t>(n, -1)};
  parallel_for(
      vectors.rows,
      [&](int64_t begin, int64_t end) {
        std::vector<float> own(static_cast<size_t>(vectors.dim));
        for (int64_t row = begin; row < end; ++row) {
          const auto i = static_cast<size_t>(row);
          const bool counted = use.empty() || use[i] != 0;
          const auto label = labels[i];
          const float* sum = sums.sums.data() + label * vectors.dim;
          for (int64_t d = 0; d < vectors.dim; ++d)
            own[static_cast<size_t>(d)] = sum[d] - (counted ? vectors.row(row)[d] : 0);
          to_unit(own);
          const bool alone = sums.counts[static_cast<size_t>(label)] - (counted ? 1 : 0) < 1;
          out.own[i] = alone ? std::numeric_limits<float>::quiet_NaN() : dot(vectors.row(row), own.data(), vectors.dim);
          for (int64_t k = 0; k < classes; ++k) {
            if (k == label || sums.counts[static_cast<size_t>(k)] == 0) continue;
            const float score = dot(vectors.row(row), centres.data() + k * vectors.dim, vectors.dim);
            if (out.best[i] < 0 || score > out.other[i]) {
              out.other[i] = score;
              out.best[i] = static_cast<int32_t>(k);
            }
          }
        }
      },
      0, 64);
  return out;
}

}  // namespace winnow
