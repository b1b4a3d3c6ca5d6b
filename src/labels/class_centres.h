#pragma once

#include "src/labels/signals.h"

namespace winnow {

// Internal to labels: sums and dot products of unit vectors in one fixed order of additions.

float dot(const float* a, const float* b, int64_t dim);
/// v / |v|; zero stays zero.
void to_unit(std::span<float> v);

/// Sums of the unit vectors of each class over the rows that count. @param use  one flag a row; empty = all
struct ClassSums {
  std::vector<float> sums;      ///< C x D
  std::vector<int64_t> counts;  ///< C
};
ClassSums sum_classes(const UnitVectors& vectors, std::span<const int64_t> labels, int64_t classes,
                      std::span<const char> use);

/// One float a row per class would be N x C; this is the row's own-centre cosine (itself left out of the sum) and the
/// best other centre.
struct CentreScores {
  std::vector<float> own, other;  ///< N; own is NaN for a row that is alone in its class
  std::vector<int32_t> best;      ///< N: class of `other`, -1 = there is none
};
CentreScores score_centres(const UnitVectors& vectors, std::span<const int64_t> labels, const ClassSums& sums,
                           std::span<const char> use);

/// @throws Error(kShape | kData): sizes, labels in range
void check_vectors(const UnitVectors& vectors, const GivenLabels& given);

}  // namespace winnow
