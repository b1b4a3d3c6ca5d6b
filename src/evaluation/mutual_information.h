#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

namespace winnow {

/// How often the values of two labelings meet.
struct Contingency {
  std::vector<int64_t> rows, columns;  ///< items of each label and of each cluster, by first appearance
  std::map<std::pair<int64_t, int64_t>, int64_t> cells;  ///< (row, column) -> items; those without an item are left out
  int64_t n = 0;
};
/// @throws Error(kShape) when sizes differ
Contingency contingency(std::span<const int64_t> labels, std::span<const int64_t> clusters);

/// Natural logarithm; of the shares counts / n, every count at least 1.
double entropy(std::span<const int64_t> counts, int64_t n);
/// Natural logarithm, at least 0.
double mutual_information(const Contingency& table);

/// Normalised mutual information 2I / (H(Y) + H(C)) and its namesakes, which divide I by another mean of the entropies.
/// Two labelings of one value each agree (1 by convention); one of them against several values share nothing (0).
struct NormalisedInformation {
  double arithmetic = 0, geometric = 0, min = 0, max = 0;
};

/// @throws Error(kShape) when sizes differ or are 0
NormalisedInformation normalised_information(std::span<const int64_t> labels, std::span<const int64_t> clusters);

}  // namespace winnow
