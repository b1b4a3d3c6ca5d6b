#include "src/evaluation/mutual_information.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <utility>

#include "src/core/error.h"

namespace winnow {
namespace {

template <typename Counts>
double entropy(const Counts& counts, double n) {
  double sum = 0;
  for (const auto& [value, count] : counts) {
    const double p = static_cast<double>(count) / n;
    sum -= p * std::log(p);
  }
  return sum;
}

double over(double part, double whole) { return whole <= 0 ? 0.0 : part / whole; }

}  // namespace

NormalisedInformation normalised_information(std::span<const int64_t> labels, std::span<const int64_t> clusters) {
  if (labels.size() != clusters.size() || labels.empty())
    throw Error(ErrorCode::kShape, "[evaluation] one cluster a label is required, given " +
                                       std::to_string(labels.size()) + " labels and " +
                                       std::to_string(clusters.size()) + " clusters");
  std::map<int64_t, int64_t> rows, columns;
  std::map<std::pair<int64_t, int64_t>, int64_t> cells;
  for (size_t i = 0; i < labels.size(); ++i) {
    ++rows[labels[i]];
    ++columns[clusters[i]];
    ++cells[{labels[i], clusters[i]}];
  }
  if (rows.size() == 1 && columns.size() == 1) return {1, 1, 1, 1};
  const auto n = static_cast<double>(labels.size());
  const double a = entropy(rows, n), b = entropy(columns, n);
  const double mutual = std::max(0.0, a + b - entropy(cells, n));
  return {over(2 * mutual, a + b), over(mutual, std::sqrt(a * b)), over(mutual, std::min(a, b)),
          over(mutual, std::max(a, b))};
}

}  // namespace winnow
