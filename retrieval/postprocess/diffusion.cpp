#include <algorithm>
#include <cmath>

#include "retrieval/exact_scan.h"
#include "retrieval/postprocess/rerank.h"
#include "src/core/error.h"
#include "src/core/parallel.h"

namespace winnow {
namespace {

struct Edge {
  int64_t to;
  double weight;
};
using Graph = std::vector<std::vector<Edge>>;

double affinity(float score, double gamma) { return std::pow(std::max(0.0, static_cast<double>(score)), gamma); }

/// Edges between rows that are among each other's nearest, weights D^-1/2 W D^-1/2.
Graph mutual_graph(const RerankSet& set, const DiffusionOptions& options) {
  const int64_t n = set.gallery_count();
  std::vector<std::vector<Scored>> nearest(static_cast<size_t>(n));
  parallel_for(n, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      nearest[size_t(i)] = exact_scan(set.gallery.data() + i * set.dim, set.gallery.data(), n, set.dim,
                                      options.graph_neighbours + 1, nullptr, 1);
    }
  });
  Graph graph(static_cast<size_t>(n));
  std::vector<double> degree(static_cast<size_t>(n));
  for (int64_t i = 0; i < n; ++i) {
    for (const auto& s : nearest[size_t(i)]) {
      const auto& back = nearest[size_t(s.position)];
      const bool mutual = std::any_of(back.begin(), back.end(), [&](const Scored& b) { return b.position == i; });
      const double weight = affinity(s.score, options.gamma);
      if (s.position == i || !mutual || weight == 0) continue;
      graph[size_t(i)].push_back({s.position, weight});
      degree[size_t(i)] += weight;
    }
  }
  for (int64_t i = 0; i < n; ++i) {
    for (auto& e : graph[size_t(i)]) e.weight /= std::sqrt(degree[size_t(i)] * degree[size_t(e.to)]);
  }
  return graph;
}

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

/// f with (I - alpha S) f = y.
std::vector<double> solve(const Graph& graph, const std::vector<double>& y, const DiffusionOptions& options) {
  std::vector<double> f(y.size()), r = y, p = y, ap(y.size());
  double rr = dot(r, r);
  const double enough = options.tolerance * options.tolerance * rr;
  for (int i = 0; i < options.iterations && rr > enough; ++i) {
    for (size_t row = 0; row < p.size(); ++row) {
      double sum = 0;
      for (const auto& e : graph[row]) sum += e.weight * p[size_t(e.to)];
      ap[row] = p[row] - options.alpha * sum;
    }
    const double step = rr / dot(p, ap);
    for (size_t row = 0; row < f.size(); ++row) {
      f[row] += step * p[row];
      r[row] -= step * ap[row];
    }
    const double next = dot(r, r);
    for (size_t row = 0; row < p.size(); ++row) p[row] = r[row] + next / rr * p[row];
    rr = next;
  }
  return f;
}

}  // namespace

void rerank_diffusion(const RerankSet& set, const DiffusionOptions& options, const ScoreRow& use) {
  if (options.graph_neighbours < 1 || options.query_neighbours < 1 || !(options.alpha > 0 && options.alpha < 1)) {
    throw Error(ErrorCode::kUsage, "[diffusion] neighbours >= 1 and alpha in (0, 1) are required");
  }
  const Graph graph = mutual_graph(set, options);
  const int64_t n = set.gallery_count();
  for (int64_t q = 0; q < set.query_count(); ++q) {
    const float* query = set.queries.data() + q * set.dim;
    const auto all = exact_scan(query, set.gallery.data(), n, set.dim, n, nullptr, 1);
    std::vector<double> y(static_cast<size_t>(n));
    for (int64_t i = 0; i < std::min(options.query_neighbours, n); ++i) {
      y[size_t(all[size_t(i)].position)] = affinity(all[size_t(i)].score, options.gamma);
    }
    const auto f = solve(graph, y, options);
    const double most = std::max(*std::max_element(f.begin(), f.end()), 1e-30);
    std::vector<float> scores(static_cast<size_t>(n));
    // What is not reached: between -3 and -1, in the order of the cosines.
    for (const auto& s : all) {
      const double value = f[size_t(s.position)];
      scores[size_t(s.position)] = value > 0 ? static_cast<float>(value / most) : s.score - 2;
    }
    use(q, scores);
  }
}

}  // namespace winnow
