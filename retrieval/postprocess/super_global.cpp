#include <algorithm>
#include <numeric>

#include "retrieval/exact_scan.h"
#include "retrieval/postprocess/rerank.h"
#include "src/core/error.h"
#include "src/core/parallel.h"

namespace winnow {
namespace {

double dot(const float* a, const float* b, int64_t dim) {
  double sum = 0;
  for (int64_t d = 0; d < dim; ++d) sum += static_cast<double>(a[d]) * static_cast<double>(b[d]);
  return sum;
}

/// Each candidate averaged with its nearest among the candidates: weight 1 for itself, beta * score for the others.
std::vector<float> refine(const std::vector<float>& rows, int64_t dim, const SuperGlobalOptions& options) {
  const auto m = static_cast<int64_t>(rows.size()) / dim;
  std::vector<float> refined(rows.size());
  parallel_for(m, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const auto nearest = exact_scan(rows.data() + i * dim, rows.data(), m, dim, options.neighbours + 1, nullptr, 1);
      double total = 0;
      std::vector<double> sum(static_cast<size_t>(dim));
      for (size_t n = 0; n < nearest.size(); ++n) {
        const double weight = n == 0 ? 1 : options.beta * static_cast<double>(nearest[n].score);
        total += weight;
        const float* row = rows.data() + nearest[n].position * dim;
        for (int64_t d = 0; d < dim; ++d) sum[size_t(d)] += weight * static_cast<double>(row[d]);
      }
      for (int64_t d = 0; d < dim; ++d) refined[size_t(i * dim + d)] = static_cast<float>(sum[size_t(d)] / total);
    }
  });
  return refined;
}

/// Mean of the query's score and that of the maximum over the best refined candidates.
std::vector<double> new_scores(const float* query, const std::vector<float>& refined, int64_t dim,
                               const SuperGlobalOptions& options) {
  const auto m = static_cast<int64_t>(refined.size()) / dim;
  std::vector<double> first(static_cast<size_t>(m));
  for (int64_t i = 0; i < m; ++i) first[size_t(i)] = dot(query, refined.data() + i * dim, dim);
  std::vector<int64_t> order(static_cast<size_t>(m));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t a, int64_t b) { return first[size_t(a)] > first[size_t(b)]; });
  order.resize(std::min(order.size(), static_cast<size_t>(options.neighbours) + 1));
  std::vector<float> most(refined.begin() + order[0] * dim, refined.begin() + (order[0] + 1) * dim);
  for (const int64_t i : order) {
    for (int64_t d = 0; d < dim; ++d) most[size_t(d)] = std::max(most[size_t(d)], refined[size_t(i * dim + d)]);
  }
  std::vector<double> out(static_cast<size_t>(m));
  for (int64_t i = 0; i < m; ++i)
    out[size_t(i)] = (first[size_t(i)] + dot(most.data(), refined.data() + i * dim, dim)) / 2;
  return out;
}

}  // namespace

void rerank_super_global(const RerankSet& set, const SuperGlobalOptions& options, const ScoreRow& use) {
  if (options.candidates < 1 || options.neighbours < 1) {
    throw Error(ErrorCode::kUsage, "[superglobal] candidates and neighbours >= 1 are required");
  }
  const int64_t n = set.gallery_count(), dim = set.dim;
  for (int64_t q = 0; q < set.query_count(); ++q) {
    const float* query = set.queries.data() + q * dim;
    const auto all = exact_scan(query, set.gallery.data(), n, dim, n, nullptr, 1);
    const int64_t m = std::min(options.candidates, n);
    std::vector<float> rows;
    for (int64_t i = 0; i < m; ++i) {
      const float* row = set.gallery.data() + all[size_t(i)].position * dim;
      rows.insert(rows.end(), row, row + dim);
    }
    const auto better = new_scores(query, refine(rows, dim, options), dim, options);
    std::vector<float> scores(static_cast<size_t>(n));
    // No new score comes near -10, and small whole numbers are exact.
    for (int64_t i = m; i < n; ++i) scores[size_t(all[size_t(i)].position)] = static_cast<float>(-10 - i);
    for (int64_t i = 0; i < m; ++i) scores[size_t(all[size_t(i)].position)] = static_cast<float>(better[size_t(i)]);
    use(q, scores);
  }
}

void rerank(const std::string& name, const RerankSet& set, const ScoreRow& use) {
  if (name == "k-reciprocal") return rerank_k_reciprocal(set, {}, use);
  if (name == "diffusion") return rerank_diffusion(set, {}, use);
  if (name == "superglobal") return rerank_super_global(set, {}, use);
  throw Error(ErrorCode::kUsage, "[rerank] k-reciprocal, diffusion or superglobal is required, got '" + name + "'");
}

}  // namespace winnow
