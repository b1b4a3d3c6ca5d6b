#pragma once

#include <string>
#include <vector>

#include "src/core/interval.h"
#include "src/labels/signals.h"

namespace winnow {

/// What is known about rows beyond the signals, for the type of an error. Empty = not known.
struct KindEvidence {
  std::vector<char> duplicate;   ///< N: a verified duplicate carries another label
  std::vector<char> unreadable;  ///< N: dark, blurred or empty picture
  std::vector<float> nearest;    ///< N: cosine to the nearest class centre
};

struct Transition {
  int64_t given = 0, likely = 0;
  double rows = 0;  ///< expected number of rows
  Share share;      ///< of the rows with this given label
};

struct NoiseEstimate {
  Share rate;
  std::string method;     ///< in words
  std::string certainty;  ///< one sentence
  double separation = 0;  ///< of the two components (losses.md 8.3: under 1.6 they are one)
  int64_t rows = 0, suspects = 0;
  std::vector<double> posterior;  ///< N: probability that the label is wrong; its sum is rate * N
  std::vector<Share> by_class;    ///< C by given label; a class without a row: [0, 1]
  std::vector<std::pair<std::string, Share>>
      by_kind;                          ///< swap, outlier, duplicate, split class, unreadable: of all rows
  std::vector<Transition> transitions;  ///< given != likely, most rows first
  std::vector<std::string> kinds;       ///< N: kind of a suspect; "" = none
};

/// Rate of wrong labels: weight of the upper one of two Gaussians over the log-odds where they are apart (separation at
/// least 1.6, upper mean above even odds), else 0: hard rows alone are no errors. The interval is that of 200 bootstrap
/// samples of this and of the share above even odds, so it holds what the choice of way leaves open, not what all
/// signals get wrong alike. The round(rate * N) most suspect rows are the suspects. Same input, same numbers.
/// @throws Error(kShape) for no rows or lengths that differ
/// @param counted  number of wrong labels that another method counted (confident learning), -1 = none. The interval
/// then
///   reaches from the rows above 0.95 to those above even odds: what a weak classifier leaves open.
NoiseEstimate estimate_noise(const Combined& combined, const GivenLabels& given, const KindEvidence& evidence = {},
                             uint64_t seed = 1, int64_t counted = -1);

/// Positions, most suspect first; ties by position.
std::vector<int64_t> suspicion_order(std::span<const float> wrong);

}  // namespace winnow
