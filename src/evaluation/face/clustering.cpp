#include "src/evaluation/face/clustering.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <mutex>
#include <numeric>
#include <unordered_map>

#include "src/core/error.h"
#include "src/evaluation/mutual_information.h"

namespace winnow {
namespace {

/// Items with a known identity only.
Contingency known_items(std::span<const int64_t> identity, std::span<const int64_t> cluster) {
  std::vector<int64_t> known, of;
  for (size_t i = 0; i < identity.size(); ++i) {
    if (identity[i] < 0) continue;
    known.push_back(identity[i]);
    of.push_back(cluster[i]);
  }
  return contingency(known, of);
}

std::map<int64_t, int64_t> size_counts(const std::vector<int64_t>& sizes) {
  std::map<int64_t, int64_t> out;
  for (const int64_t s : sizes) ++out[s];
  return out;
}

/// Expectation of the mutual information over tables with these margins (hypergeometric). Equal sizes are summed once:
/// quadratic in the number of distinct sizes instead of in that of clusters.
double expected_mutual_information(const Contingency& c) {
  std::vector<double> log_factorial(static_cast<size_t>(c.n) + 1, 0.0);
  for (size_t i = 1; i < log_factorial.size(); ++i) log_factorial[i] = std::lgamma(static_cast<double>(i) + 1);
  const auto lf = [&](int64_t i) { return log_factorial[static_cast<size_t>(i)]; };
  const auto n = static_cast<double>(c.n);
  double sum = 0;
  for (const auto& [a, rows] : size_counts(c.rows))
    for (const auto& [b, columns] : size_counts(c.columns)) {
      double term = 0;
      for (int64_t m = std::max<int64_t>(1, a + b - c.n); m <= std::min(a, b); ++m) {
        const auto count = static_cast<double>(m);
        const double log_probability =
            lf(a) + lf(b) + lf(c.n - a) + lf(c.n - b) - lf(c.n) - lf(m) - lf(a - m) - lf(b - m) - lf(c.n - a - b + m);
        term += count / n * std::log(n * count / (static_cast<double>(a) * static_cast<double>(b))) *
                std::exp(log_probability);
      }
      sum += static_cast<double>(rows) * static_cast<double>(columns) * term;
    }
  return sum;
}

void bcubed(const Contingency& c, ClusteringScores& out) {
  for (const auto& [at, count] : c.cells) {
    const auto m = static_cast<double>(count);
    out.bcubed_precision += m * m / static_cast<double>(c.columns[static_cast<size_t>(at.second)]);
    out.bcubed_recall += m * m / static_cast<double>(c.rows[static_cast<size_t>(at.first)]);
  }
  out.bcubed_precision /= static_cast<double>(c.n);
  out.bcubed_recall /= static_cast<double>(c.n);
  out.bcubed_f = 2 * out.bcubed_precision * out.bcubed_recall / (out.bcubed_precision + out.bcubed_recall);
}

}  // namespace

ClusteringScores score_clustering(std::span<const int64_t> identity, std::span<const int64_t> cluster) {
  if (identity.size() != cluster.size())
    throw Error(ErrorCode::kShape, "[clustering] one cluster an item is required, got " +
                                       std::to_string(cluster.size()) + " for " + std::to_string(identity.size()));
  const Contingency c = known_items(identity, cluster);
  if (c.n == 0) throw Error(ErrorCode::kData, "[clustering] items with a known identity are required");
  ClusteringScores out;
  out.items = c.n;
  out.identities = static_cast<int64_t>(c.rows.size());
  out.clusters = static_cast<int64_t>(c.columns.size());
  bcubed(c, out);
  const bool trivial = out.identities == out.clusters && (out.clusters == 1 || out.clusters == c.n);
  if (trivial) {
    out.nmi = out.ami = 1;
    return out;
  }
  const double mutual = mutual_information(c), mean = (entropy(c.rows, c.n) + entropy(c.columns, c.n)) / 2;
  out.nmi = mutual / mean;
  const double expected = expected_mutual_information(c);
  double gap = mean - expected;
  const double tiny = std::numeric_limits<double>::epsilon();
  if (std::abs(gap) < tiny) gap = gap < 0 ? -tiny : tiny;
  out.ami = (mutual - expected) / gap;
  return out;
}

std::vector<int64_t> threshold_clusters(const VectorRows& vectors, double threshold) {
  std::vector<int64_t> parent(static_cast<size_t>(vectors.rows));
  std::iota(parent.begin(), parent.end(), 0);
  const auto root = [&](int64_t x) {
    while (parent[static_cast<size_t>(x)] != x)
      x = parent[static_cast<size_t>(x)] = parent[static_cast<size_t>(parent[static_cast<size_t>(x)])];
    return x;
  };
  std::mutex mutex;
  for_each_score_row(vectors, vectors, true, [&](int, int64_t q, int64_t first, std::span<const float> scores) {
    std::vector<int64_t> near;
    for (size_t i = 0; i < scores.size(); ++i)
      if (static_cast<double>(scores[i]) > threshold) near.push_back(first + static_cast<int64_t>(i));
    if (near.empty()) return;
    std::lock_guard lock(mutex);
    for (const int64_t other : near) parent[static_cast<size_t>(root(other))] = root(q);
  });
  std::vector<int64_t> out;
  std::unordered_map<int64_t, int64_t> number;
  for (int64_t i = 0; i < vectors.rows; ++i)
    out.push_back(number.emplace(root(i), static_cast<int64_t>(number.size())).first->second);
  return out;
}

}  // namespace winnow
