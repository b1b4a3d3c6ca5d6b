#include "src/evaluation/mutual_information.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <unordered_map>

#include "src/core/error.h"

namespace winnow {
namespace {

double over(double part, double whole) { return whole <= 0 ? 0.0 : part / whole; }

}  // namespace

Contingency contingency(std::span<const int64_t> labels, std::span<const int64_t> clusters) {
  if (labels.size() != clusters.size())
    throw Error(ErrorCode::kShape, "[evaluation] one cluster a label is required, given " +
                                       std::to_string(labels.size()) + " labels and " +
                                       std::to_string(clusters.size()) + " clusters");
  Contingency out;
  std::unordered_map<int64_t, int64_t> row, column;
  for (size_t i = 0; i < labels.size(); ++i) {
    const int64_t r = row.emplace(labels[i], static_cast<int64_t>(row.size())).first->second;
    const int64_t c = column.emplace(clusters[i], static_cast<int64_t>(column.size())).first->second;
    ++out.cells[{r, c}];
    ++out.n;
  }
  out.rows.resize(row.size());
  out.columns.resize(column.size());
  for (const auto& [at, count] : out.cells) {
    out.rows[static_cast<size_t>(at.first)] += count;
    out.columns[static_cast<size_t>(at.second)] += count;
  }
  return out;
}

double entropy(std::span<const int64_t> counts, int64_t n) {
  double sum = 0;
  for (const int64_t count : counts) {
    const double p = static_cast<double>(count) / static_cast<double>(n);
    sum -= p * std::log(p);
  }
  return sum;
}

double mutual_information(const Contingency& table) {
  const auto n = static_cast<double>(table.n);
  double sum = 0;
  for (const auto& [at, count] : table.cells) {
    const auto m = static_cast<double>(count);
    sum += m / n *
           (std::log(m) + std::log(n) - std::log(static_cast<double>(table.rows[static_cast<size_t>(at.first)])) -
            std::log(static_cast<double>(table.columns[static_cast<size_t>(at.second)])));
  }
  return std::max(sum, 0.0);
}

NormalisedInformation normalised_information(std::span<const int64_t> labels, std::span<const int64_t> clusters) {
  const Contingency table = contingency(labels, clusters);
  if (table.n == 0) throw Error(ErrorCode::kShape, "[evaluation] at least one label is required, given none");
  if (table.rows.size() == 1 && table.columns.size() == 1) return {1, 1, 1, 1};
  const double a = entropy(table.rows, table.n), b = entropy(table.columns, table.n);
  const double mutual = mutual_information(table);
  return {over(2 * mutual, a + b), over(mutual, std::sqrt(a * b)), over(mutual, std::min(a, b)),
          over(mutual, std::max(a, b))};
}

}  // namespace winnow
