#pragma once

#include "src/evaluation/face/score_rows.h"
#include "src/evaluation/face/verification.h"

namespace winnow {

/// A scored pair of rows, for sheets of wrong pairs.
struct RowPair {
  int64_t a = 0, b = 0;
  double score = 0;
};

/// Of 100 equal bins over [-1, 1], the last closed; scores outside go to the nearest.
size_t histogram_bin(float score);

struct AllPairsOptions {
  /// Highest impostor scores kept with their people. All of them when there are no more; then AUC, EER and every rule
  /// are exact as they always are, and intervals can be made.
  int64_t keep = 4'000'000;
  int64_t examples = 60;  ///< highest impostor and lowest genuine pairs kept by row
};

struct AllPairs {
  VerificationScores scores;
  std::vector<RowPair> worst_genuine, worst_impostor;          ///< worst first
  std::vector<int64_t> genuine_histogram, impostor_histogram;  ///< 100 bins over [-1, 1], the last closed
};

/// Every unordered pair of rows: genuine when the labels are equal, impostor otherwise; rows with a negative label are
/// left out. Streamed, exact, multi-threaded; memory O(genuine + keep), see all_pairs_memory.
/// @param vectors  unit length (zero = failed: its pairs score -1). @throws Error(kData) without pairs of both kinds
AllPairs score_all_pairs(const VectorRows& vectors, std::span<const int64_t> labels, const AllPairsOptions& options);

/// Bytes the call above needs beside the vectors.
uint64_t all_pairs_memory(std::span<const int64_t> labels, const AllPairsOptions& options);

/// Scores of all impostors at or below which nothing is kept are counted, not stored: collects the highest `keep`.
class TopScores {
 public:
  struct Entry {
    float score;
    int32_t a, b;
  };
  explicit TopScores(int64_t keep) : keep_(static_cast<size_t>(keep)) {}
  void add(float score, int32_t a, int32_t b) {
    if (score < bound_) return;
    entries_.push_back({score, a, b});
    if (entries_.size() >= 2 * keep_ + 1024) shrink();
  }
  /// The best, by (score desc, a asc, b asc).
  std::vector<Entry> take();
  void merge(TopScores&& other);

 private:
  void shrink();
  size_t keep_;
  float bound_ = -2;
  std::vector<Entry> entries_;
};

}  // namespace winnow
