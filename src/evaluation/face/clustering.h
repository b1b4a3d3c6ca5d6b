#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "src/evaluation/face/score_rows.h"

namespace winnow {

/// How a clustering agrees with the true identities.
struct ClusteringScores {
  double nmi = 0;  ///< normalised mutual information, arithmetic mean of the entropies
  double ami = 0;  ///< adjusted mutual information, arithmetic mean (Vinh et al. 2010), as scikit-learn's default
  double bcubed_precision = 0, bcubed_recall = 0, bcubed_f = 0;  ///< means over items (Bagga and Baldwin 1998)
  int64_t items = 0, identities = 0, clusters = 0;
};

/// Rows with a negative identity are left out. @throws Error(kShape) when sizes differ, Error(kData) without items
ClusteringScores score_clustering(std::span<const int64_t> identity, std::span<const int64_t> cluster);

/// Connected components of the graph of pairs with a score above `threshold` (single linkage cut there): cluster number
/// by row, in order of first appearance. Streamed, exact.
std::vector<int64_t> threshold_clusters(const VectorRows& vectors, double threshold);

}  // namespace winnow
