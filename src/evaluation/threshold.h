#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "src/evaluation/retrieval.h"

namespace winnow {

/// What a score threshold must reach.
struct ThresholdTarget {
  enum class Kind { kFar, kPrecision, kRecall, kFpir } kind = Kind::kPrecision;
  double value = 0.95;  ///< far, fpir: at most; precision, recall: at least
};
/// "far=1e-3", "precision=0.95", "recall=0.9", "fpir=0.01" (strangers that a 1:N search takes for somebody). @throws
/// Error(kUsage)
ThresholdTarget parse_threshold_target(const std::string& text);

/// A first hit of a query: its score and whether it is right.
struct FirstHit {
  double score;
  bool right;
  int64_t query;  ///< place in RetrievalResult::queries
  int64_t label;  ///< of the query
};
/// @param result  evaluated with keep_hits >= 1
std::vector<FirstHit> first_hits(const RetrievalResult& result, std::span<const int64_t> query_labels,
                                 std::span<const int64_t> gallery_labels);

struct Threshold {
  double score = 0;      ///< accept scores at or above it
  Interval interval;     ///< 95 % bootstrap over queries of the score
  bool reached = false;  ///< false: no threshold of these data reaches the target; score then is the nearest one
  double precision = 0, recall = 0, far = 0;  ///< at the score: right among accepted; accepted among right; among wrong
  int64_t accepted = 0, right = 0, wrong = 0;  ///< accepted first hits; right and wrong ones overall
  bool too_few = false;  ///< the target's rate rests on fewer than 30 cases: the figure means little
};

/// Decides over first hits: is the best match of a query the same thing? far = accepted wrong / wrong, precision =
/// right / accepted, recall = accepted right / right. The lowest score that reaches far or precision (most recall), the
/// highest that reaches recall (most precision). Exact over the distinct scores.
/// @throws Error(kShape) without hits, Error(kUsage) for fpir: a first hit always has a right answer to find
Threshold find_threshold(std::vector<FirstHit> hits, const ThresholdTarget& target, int64_t resamples = 1000,
                         uint64_t seed = 1);

/// The score from which accepting first hits has the best F1 (of precision and recall as above); of equals the highest.
/// @throws Error(kShape) without hits
double best_f1_score(std::vector<FirstHit> hits);

/// First hits nearest to the threshold that fell on the wrong side, worst first: wrong above it, right below it.
std::vector<FirstHit> hits_behind(const std::vector<FirstHit>& hits, double score, size_t count);

}  // namespace winnow
