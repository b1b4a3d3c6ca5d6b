#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "src/evaluation/ranked_metrics.h"
#include "src/evaluation/score_kernel.h"

namespace winnow {

/// Finds the exact ranks of one query's relevant items from a stream of scores, without sorting the gallery
/// (retrieval.md 1.9): every item is counted in one of kBuckets buckets of score, and only items that share a bucket
/// with a relevant one are compared with it. Memory O(R), time O(1) an item for R << N. Not thread-safe.
class RankCounter {
 public:
  /// A relevant item, known before the stream begins.
  struct Relevant {
    float score;
    int64_t row;
  };

  /// @param relevant  all relevant rows (without the query's own), any order
  /// @param self_row  gallery row to leave out, -1 for none
  void start(const VectorSet& gallery, const ScoreKernel& kernel, int64_t label, int64_t self_row,
             const std::vector<Relevant>& relevant, int64_t keep_hits);
  /// Scores of gallery rows [first, first + n); every row must come exactly once, in any order of blocks.
  void add(const float* scores, int64_t first, int64_t n);
  /// Call once, after the last block.
  RankedList ranking();

  /// Valid after ranking().
  std::vector<ScoredHit> top() const;
  ScoredHit best_relevant() const { return {positives_[0].row, scores_[0]}; }
  void add_histograms(std::vector<int64_t>& positive, std::vector<int64_t>& negative) const;
  int64_t positive_sum() const;                                   ///< in units of 1 / kFixedUnit
  int64_t negative_sum() const { return sum_ - positive_sum(); }  ///< in units of 1 / kFixedUnit
  int64_t negatives() const { return items_ - static_cast<int64_t>(positives_.size()); }

  /// Bytes one counter holds for R relevant items.
  static uint64_t bytes(int64_t relevant) { return sizeof(RankCounter) + static_cast<uint64_t>(relevant) * 64; }

 private:
  /// A relevant item, apart from its score: the hot loop reads scores and `above_` alone.
  struct Positive {
    int64_t row;
    uint32_t tied = 0;         ///< others of equal score; kept by the first positive of that score
    uint32_t tied_before = 0;  ///< those of them between the previous positive and this one by id
    uint16_t bucket = 0;
  };
  void add_block(const float* scores, int64_t first, int64_t n);
  void place(float score, int64_t row, uint16_t bucket);
  void place_tied(size_t at, int64_t row);
  void offer(float score, int64_t row);
  bool better(const ScoredHit& a, const ScoredHit& b) const;

  VectorSet gallery_;
  const ScoreKernel* kernel_ = nullptr;
  int64_t label_ = -1, self_row_ = -1, keep_hits_ = 0, items_ = 0, sum_ = 0;
  std::vector<Positive> positives_;  ///< by (score desc, id asc)
  std::vector<float> scores_;        ///< of positives_, and a NaN, which equals nothing, behind the last
  std::vector<uint32_t> above_;      ///< [j]: others between positives j - 1 and j, of buckets that hold a positive
  std::vector<ScoredHit> top_;       ///< heap, worst in front
  std::array<uint32_t, kBuckets> counts_{};
  std::array<uint32_t, kBuckets + 1> begin_{};  ///< positives of bucket b: [begin_[b], begin_[b + 1])
  std::array<uint8_t, kBuckets> holds_positive_{};
};

}  // namespace winnow
