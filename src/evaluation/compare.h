#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/evaluation/retrieval.h"

namespace winnow {

/// Difference b - a of one metric over the queries both have.
struct PairedDifference {
  double difference = 0;
  Interval interval;  ///< 95 % paired bootstrap: the same resample of queries for both (retrieval.md 1.9)
  int64_t queries = 0;
  /// The interval excludes zero.
  bool certain() const { return interval.low > 0 || interval.high < 0; }
};

/// @param ks  the ks both results were evaluated with
/// @throws Error(kUsage) for an unknown metric, Error(kShape) when the two share no query
PairedDifference paired_difference(const RetrievalResult& a, const RetrievalResult& b, const std::string& metric,
                                   const std::vector<int64_t>& ks, int64_t resamples = 10'000, uint64_t seed = 1);

}  // namespace winnow
