#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "retrieval/embeddings.h"

namespace winnow {

/// y = L2(P (x - m)), learned on data that is not tested on (retrieval.md 3.2).
struct Whitening {
  std::string kind;  ///< pca or pairs
  int64_t dim = 0, out = 0;
  std::vector<double> mean;             ///< [dim]
  std::vector<double> projection;       ///< [out, dim]
  std::vector<double> eigenvalues;      ///< [out], descending
  std::string model_digest;             ///< of the vectors it was learned on
  std::vector<std::string> learned_on;  ///< sorted paths of the items it was learned on

  /// Unit rows [N, out]. @throws Error(kShape)
  std::vector<float> apply(std::span<const float> rows) const;
  /// @throws Error(kMismatch) for vectors of another model or dimension than it was learned on
  void require_made_for(const std::string& model, int64_t dimensions) const;
  /// @throws Error(kData) naming a path when one of the items was learned on
  void require_not_learned_on(const Embeddings& tested) const;
};

/// PCA whitening (Jegou and Chum, Negative evidences and co-occurrences, 2012): P = diag(lambda^(-power / 2)) V^T.
/// @param out  dimensions kept; 0 = all. @param power  1 = full whitening, less = milder
/// @throws Error(kData) when `out` exceeds the rank of the data, Error(kShape | kUsage)
Whitening learn_pca_whitening(std::span<const float> rows, int64_t dim, int64_t out = 0, double power = 1);

/// Learned whitening (Mikolajczyk and Matas, 2007; cirtorch's Lw): the covariance of matching pairs is made the
/// identity, then the data are rotated to their own axes. @param labels  [N]; pairs are rows of one label (each row
/// with the next of its label, in a circle); negative = no label. @throws Error(kData) without any pair
Whitening learn_pair_whitening(std::span<const float> rows, int64_t dim, std::span<const int64_t> labels,
                               int64_t out = 0);

}  // namespace winnow
