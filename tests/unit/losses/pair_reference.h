#pragma once

#include <functional>
#include <vector>

#include "losses/loss.h"

namespace winnow::test {

/// A batch as plain numbers, and sums over it in loops: what the losses over pairs are checked against.
struct PlainBatch {
  std::vector<std::vector<double>> z;
  std::vector<int64_t> labels;
  explicit PlainBatch(const LossBatch& batch);
  size_t size() const { return z.size(); }
  double cosine(size_t i, size_t j) const;
  double distance(size_t i, size_t j) const;  ///< of unit vectors
  bool same(size_t i, size_t j) const { return i != j && labels[i] == labels[j]; }
  bool differ(size_t i, size_t j) const { return labels[i] != labels[j]; }
  /// Sum of f over the positives (negatives) of i.
  double over_positives(size_t i, const std::function<double(size_t)>& f) const;
  double over_negatives(size_t i, const std::function<double(size_t)>& f) const;
  size_t positives(size_t i) const;
  size_t negatives(size_t i) const;
};

/// Mean of values; those that are 0 left out with `nonzero`. 0 when there is none.
double mean_of(const std::vector<double>& values, bool nonzero = false);

}  // namespace winnow::test
