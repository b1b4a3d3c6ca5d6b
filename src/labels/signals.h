#pragma once

#include <functional>
#include <optional>
#include <string>

#include "src/labels/probabilities.h"

namespace winnow {

/// Given labels by position 0..N-1 and the names of the classes.
struct GivenLabels {
  std::span<const int64_t> labels;
  std::span<const std::string> names;
  int64_t classes() const { return static_cast<int64_t>(names.size()); }
  const std::string& name(int64_t label) const { return names[static_cast<size_t>(label)]; }
};

/// One opinion about every label.
struct Signal {
  std::string name;
  std::vector<float> wrong;        ///< N: probability that the label is wrong, in [0, 1]; NaN = nothing known
  std::vector<int32_t> suggested;  ///< N: the class it would give instead; -1 = none
  std::function<std::string(int64_t position)> reason;  ///< in words; refers to what the signal was made from
};

/// Unit vectors, row-major float32 [N, D].
struct UnitVectors {
  std::span<const float> values;
  int64_t rows = 0, dim = 0;
  const float* row(int64_t i) const { return values.data() + i * dim; }
};

/// The K nearest other rows of every row, best first: positions [N, K] (-1 = none) and cosines [N, K].
struct NeighbourTable {
  std::vector<int32_t> rows;
  std::vector<float> cosines;
  int64_t n = 0, k = 0;
};

/// Out-of-fold probabilities: 1 - p_y^2 / sum p^2 over the frequency of the given class. The square undoes the flatness
/// of probabilities that were learned from noisy labels; found on CIFAR-10N (docs/results.md).
Signal probability_signal(const Probabilities& probabilities, const GivenLabels& given);

/// Vote of the K nearest, weighted by cosine above the K-th: share of the strongest other class against the given one.
/// The table must outlive the signal.
Signal neighbour_signal(const NeighbourTable& neighbours, const GivenLabels& given);

/// Cosine to the given class's centre less that to the best other one, each row left out of its own centre; centres are
/// made three times, from the rows that the round before did not doubt (losses.md 8.3). The scale is the data's own.
Signal prototype_signal(const UnitVectors& vectors, const GivenLabels& given);

/// Angle to the dominant one of `centres` sub-centres of the given class (spherical k-means); `cut` degrees is even
/// odds. Deng et al.: Sub-center ArcFace, ECCV 2020, section 3.3 (75 degrees).
Signal subcentre_signal(const UnitVectors& vectors, const GivenLabels& given, int centres = 3, double cut = 75,
                        uint64_t seed = 1);

/// 1 - trust of a run's estimator. @param trust  N in [0, 1], NaN = never seen
Signal trust_signal(std::vector<float> trust, const GivenLabels& given);

/// What the network said of each row while it learnt, averaged over epochs; N of each.
struct Dynamics {
  std::vector<float> own;                   ///< average probability of the given label in [0, 1]; NaN = never seen
  std::vector<int32_t> other;               ///< the most probable other class; -1 = none
  std::vector<float> other_share, squares;  ///< its probability; sum of the squares of all
  bool empty() const { return own.empty(); }
};

/// 1 - p_y^2 / sum p^2 over the frequency of the given class, as probability_signal() has it.
/// @throws Error(kShape)
Signal dynamics_signal(const Dynamics& dynamics, const GivenLabels& given);

/// Wrong labels as confident learning counts them: rows that reach another class's average certainty and their own
/// class's not, or less, scaled to the rows of each class. A row's third class is not looked at.
int64_t count_doubted(const Dynamics& dynamics, const GivenLabels& given);

/// Answers of several people (columns of N labels, -1 = no answer): share that differs from the given label, with half
/// a vote added on either side. @throws Error(kShape | kData)
Signal vote_signal(const std::vector<std::vector<int64_t>>& answers, const GivenLabels& given);

/// Rows with a verified duplicate under another label; the others are not known.
/// @param pairs  positions; a pair of the same label is ignored
Signal duplicate_signal(std::span<const std::pair<int64_t, int64_t>> pairs, const GivenLabels& given);

/// All signals in one: mean of the log-odds (each within 0.01..0.99) of those that know something about the row.
struct Combined {
  std::vector<float> wrong;        ///< N in [0, 1]; 0 where no signal knows anything
  std::vector<int32_t> suggested;  ///< N: by the sum of `wrong` of those that name a class; ties: the first signal's
  std::vector<float> agreement;    ///< N: share of that sum in [0, 1] that the suggestion has
};
/// @throws Error(kShape) when there is no signal or their lengths differ
Combined combine_signals(const std::vector<Signal>& signals);

}  // namespace winnow
