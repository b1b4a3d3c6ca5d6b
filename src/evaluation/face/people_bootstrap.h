#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "src/evaluation/face/verification.h"
#include "src/evaluation/retrieval.h"
#include "src/evaluation/threshold.h"

namespace winnow {

/// 95 % percentile intervals that resample people, not pairs: pairs share people, so intervals over pairs are too
/// narrow. A person drawn m times gives its genuine pairs weight m; an impostor pair of persons drawn m and n times has
/// weight m n (the subset bootstrap of Bolle et al. 2004). Equal for every thread count.
struct PeopleBootstrap {
  std::vector<Interval> tar, threshold;  ///< by target, strict rule re-applied in every resample
  int64_t people = 0;
};

/// @throws Error(kData) when the people are not known or not every impostor was kept
PeopleBootstrap bootstrap_people(const VerificationScores& scores, std::span<const double> targets, int64_t resamples,
                                 uint64_t seed);

/// The same for the threshold that reaches a precision or recall over pairs (right = genuine, wrong = impostor; rules
/// of find_threshold, applied again in every resample). A resample in which no score reaches the target counts with its
/// highest score.
/// @throws Error(kData) as above, Error(kUsage) for another target than precision and recall
Interval bootstrap_people_threshold(const VerificationScores& scores, const ThresholdTarget& target, int64_t resamples,
                                    uint64_t seed);

/// Interval of an accuracy over pairs with right or wrong answers; folds and thresholds stay as they were chosen.
/// @param person  by row; empty = not known: every pair is then its own (said by `by_people`)
struct AccuracyInterval {
  Interval interval;
  bool by_people = false;
};
AccuracyInterval bootstrap_accuracy(std::span<const char> correct, std::span<const FacePair> pairs,
                                    std::span<const int32_t> person, int64_t resamples, uint64_t seed);

}  // namespace winnow
