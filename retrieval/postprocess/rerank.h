#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace winnow {

// Re-ranking by the neighbourhoods of the gallery itself. All of it is transductive: a query's result depends on the
// other items (with k-reciprocal also on the other queries), so figures must say so. Nothing of size N x N is kept.

struct RerankSet {
  std::span<const float> queries, gallery;  ///< [Q, D] and [N, D]
  int64_t dim = 0;
  int64_t query_count() const { return static_cast<int64_t>(queries.size()) / dim; }
  int64_t gallery_count() const { return static_cast<int64_t>(gallery.size()) / dim; }
};

/// Receives the queries in order, each with a score for every gallery row; higher is better. The scores order the
/// gallery and are no cosines.
using ScoreRow = std::function<void(int64_t query, std::span<const float> scores)>;

/// Zhong et al., Re-ranking Person Re-identification with k-reciprocal Encoding, 2017, sparse: O((Q + N) k1^2) memory.
struct KReciprocalOptions {
  int64_t k1 = 20, k2 = 6;
  double lambda = 0.3;  ///< share of the original (squared Euclidean, row-normalised) distance
};
/// Scores are minus the final distance. @throws Error(kShape | kUsage)
void rerank_k_reciprocal(const RerankSet& set, const KReciprocalOptions& options, const ScoreRow& use);

/// Iscen et al., Efficient Diffusion on Region Manifolds, 2017: solves (I - alpha S) f = y on the mutual-neighbour
/// graph of the gallery by conjugate gradients.
struct DiffusionOptions {
  int64_t graph_neighbours = 50, query_neighbours = 10;
  double gamma = 3, alpha = 0.99, tolerance = 1e-6;
  int iterations = 20;
};
/// Rows that the diffusion does not reach keep their order below the others.
void rerank_diffusion(const RerankSet& set, const DiffusionOptions& options, const ScoreRow& use);

/// Shao et al., Global Features are All You Need for Image Retrieval and Reranking, 2023.
struct SuperGlobalOptions {
  int64_t candidates = 400, neighbours = 9;
  double beta = 0.15;
};
/// The candidates come first in their new order, the other rows behind them in the old one.
void rerank_super_global(const RerankSet& set, const SuperGlobalOptions& options, const ScoreRow& use);

/// By name: k-reciprocal, diffusion or superglobal, with the defaults above. @throws Error(kUsage) for another name
void rerank(const std::string& name, const RerankSet& set, const ScoreRow& use);

}  // namespace winnow
