#include "src/evaluation/compare.h"

#include <algorithm>

#include "src/core/error.h"
#include "src/evaluation/bootstrap.h"
#include "src/evaluation/ranked_metrics.h"

namespace winnow {

PairedDifference paired_difference(const RetrievalResult& a, const RetrievalResult& b, const std::string& metric,
                                   const std::vector<int64_t>& ks, int64_t resamples, uint64_t seed) {
  const auto names = metric_names(ks);
  const auto column = std::find(names.begin(), names.end(), metric) - names.begin();
  if (column == static_cast<int64_t>(names.size()))
    throw Error(ErrorCode::kUsage, "[compare] the metric must be one of the evaluated ones, given '" + metric + "'");
  std::vector<double> differences;
  double sum = 0;
  for (size_t i = 0, j = 0; i < a.queries.size() && j < b.queries.size();) {
    const auto &qa = a.queries[i], &qb = b.queries[j];
    if (qa.query_row == qb.query_row) {
      differences.push_back(metric_values(qb)[column] - metric_values(qa)[column]);
      sum += differences.back();
    }
    i += qa.query_row <= qb.query_row ? 1 : 0;
    j += qb.query_row <= qa.query_row ? 1 : 0;
  }
  if (differences.empty())
    throw Error(ErrorCode::kShape, "[compare] the two evaluations must share queries, but none has the same row");
  PairedDifference out;
  out.queries = static_cast<int64_t>(differences.size());
  out.difference = sum / static_cast<double>(out.queries);
  out.interval = bootstrap_means(differences, 1, resamples, seed)[0];
  return out;
}

}  // namespace winnow
