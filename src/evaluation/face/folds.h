#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "src/evaluation/face/features.h"

namespace winnow {

/// scikit-learn's KFold without shuffling: contiguous parts, the first n mod folds of them one longer.
std::vector<int> contiguous_folds(int64_t n, int folds);
/// The same within same and within different pairs: for lists that put all positives first (CALFW, CPLFW).
std::vector<int> contiguous_folds_by_class(std::span<const FacePair> pairs, int folds);

/// What the people say about the folds.
struct FoldHygiene {
  int64_t people = 0, shared = 0;  ///< shared: people who occur in more than one fold
};
FoldHygiene examine_folds(std::span<const FacePair> pairs, std::span<const int32_t> person);

/// Folds in which no person occurs twice: people joined by a pair stay together; groups are dealt to the fold with the
/// fewest pairs of their kind, largest first. @throws Error(kData) when the people hang together so that a fold would
/// lack same or different pairs
std::vector<int> identity_disjoint_folds(std::span<const FacePair> pairs, std::span<const int32_t> person, int folds);

/// Test people who look like training people: cosine of class centres above a bound (face.md 1.9).
struct LikelyOverlap {
  int64_t test = 0, train = 0;  ///< labels
  double cosine = 0;
};
/// Centres = unit mean of unit vectors by label; each test label's best training label when above `bound`, best first.
std::vector<LikelyOverlap> likely_overlap(std::span<const float> test, std::span<const int64_t> test_labels,
                                          std::span<const float> train, std::span<const int64_t> train_labels,
                                          int64_t dim, double bound = 0.4);

}  // namespace winnow
