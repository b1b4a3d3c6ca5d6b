#pragma once

#include <string>
#include <vector>

#include "src/core/files.h"
#include "src/evaluation/compare.h"

namespace winnow {

/// One metric of two results.
struct MetricComparison {
  std::string metric;
  double a = 0, b = 0;          ///< means; of per-query files over the queries both have
  PairedDifference difference;  ///< b - a; without an interval for results that are not per query
};

struct ResultComparison {
  bool paired = false;  ///< both are per-query files: the interval is a paired bootstrap
  std::vector<MetricComparison> metrics;
  int64_t only_in_a = 0, only_in_b = 0;  ///< queries that the other one lacks
};

/// Compares two results of `winnow eval`: per-query CSV files (--per-query), matched by id, or --json documents.
/// @throws Error(kUsage) for one of each, Error(kData) naming file and line
ResultComparison compare_results(const fs::path& a, const fs::path& b, int64_t resamples = 10'000, uint64_t seed = 1);

}  // namespace winnow
