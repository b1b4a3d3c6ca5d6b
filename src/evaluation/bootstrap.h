#pragma once

#include <cstdint>
#include <vector>

#include "src/evaluation/retrieval.h"

namespace winnow {

/// Percentile bootstrap of column means: resamples rows with replacement and takes the 2.5 % and 97.5 % quantiles of
/// the resampled means (Efron 1979). Equal for every thread count.
/// @param values  [rows, columns], row-major; rows >= 1
/// @return one interval a column
std::vector<Interval> bootstrap_means(const std::vector<double>& values, int64_t columns, int64_t resamples,
                                      uint64_t seed);

}  // namespace winnow
