#include "retrieval/postprocess/expansion.h"

#include <algorithm>
#include <cmath>

#include "retrieval/exact_scan.h"
#include "src/core/error.h"
#include "src/core/parallel.h"

namespace winnow {
namespace {

void require(bool holds, const std::string& what) {
  if (!holds) throw Error(ErrorCode::kUsage, "[expansion] " + what);
}

void check(const ExpansionOptions& options) {
  require(options.k >= 1 && options.alpha >= 0 && options.self >= 0,
          "k >= 1, alpha >= 0 and self >= 0 are required, got " + std::to_string(options.k) + ", " +
              std::to_string(options.alpha) + ", " + std::to_string(options.self));
}

/// @param left_out  a row that is no neighbour, or -1
std::vector<float> from_gallery(const float* query, std::span<const float> gallery, int64_t dim, int64_t left_out,
                                const ExpansionOptions& options) {
  const auto rows = static_cast<int64_t>(gallery.size()) / dim;
  const auto best = exact_scan(query, gallery.data(), rows, dim, options.k + (left_out >= 0), nullptr, 1);
  std::vector<float> neighbours;
  for (const auto& one : best) {
    if (one.position == left_out || static_cast<int64_t>(neighbours.size()) == options.k * dim) continue;
    const float* row = gallery.data() + one.position * dim;
    neighbours.insert(neighbours.end(), row, row + dim);
  }
  return expand_query({query, static_cast<size_t>(dim)}, neighbours, options);
}

std::vector<float> expand_all(std::span<const float> queries, std::span<const float> gallery, int64_t dim,
                              bool same_rows, const ExpansionOptions& options) {
  check(options);
  if (dim < 1 || queries.size() % static_cast<size_t>(dim) != 0 || gallery.size() % static_cast<size_t>(dim) != 0) {
    throw Error(ErrorCode::kShape, "[expansion] rows of " + std::to_string(dim) + " values are required");
  }
  std::vector<float> out(queries.size());
  parallel_for(static_cast<int64_t>(queries.size()) / dim, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      const auto expanded = from_gallery(queries.data() + row * dim, gallery, dim, same_rows ? row : -1, options);
      std::copy(expanded.begin(), expanded.end(), out.begin() + row * dim);
    }
  });
  return out;
}

}  // namespace

double generalised_mean(std::span<const float> values, double p) {
  require(p >= 1 && !values.empty(), "values and p >= 1 are required");
  double sum = 0;
  for (const float v : values) sum += std::pow(std::max(static_cast<double>(v), 1e-6), p);
  return std::pow(sum / static_cast<double>(values.size()), 1 / p);
}

std::vector<float> expand_query(std::span<const float> query, std::span<const float> neighbours,
                                const ExpansionOptions& options) {
  check(options);
  const auto dim = static_cast<int64_t>(query.size());
  if (dim == 0 || neighbours.size() % query.size() != 0) {
    throw Error(ErrorCode::kShape, "[expansion] neighbours of " + std::to_string(dim) + " values are required");
  }
  std::vector<double> sum(query.size());
  for (size_t d = 0; d < query.size(); ++d) sum[d] = options.self * static_cast<double>(query[d]);
  const auto rows = std::min(options.k, static_cast<int64_t>(neighbours.size()) / dim);
  for (int64_t i = 0; i < rows; ++i) {
    const float* row = neighbours.data() + i * dim;
    const double score = std::max(0.0, static_cast<double>(exact_score(query.data(), row, dim)));
    const double weight = options.alpha == 0 ? 1 : std::pow(score, options.alpha);
    for (size_t d = 0; d < query.size(); ++d) sum[d] += weight * static_cast<double>(row[d]);
  }
  std::vector<float> out(sum.begin(), sum.end());
  // A sum of zero has no direction; the query itself is then the best there is.
  if (!normalise(out.data(), out.data(), dim)) out.assign(query.begin(), query.end());
  return out;
}

std::vector<float> expand_queries(std::span<const float> queries, std::span<const float> gallery, int64_t dim,
                                  const ExpansionOptions& options) {
  return expand_all(queries, gallery, dim, false, options);
}

std::vector<float> augment_database(std::span<const float> rows, int64_t dim, const ExpansionOptions& options) {
  return expand_all(rows, rows, dim, true, options);
}

}  // namespace winnow
