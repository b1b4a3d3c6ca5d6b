#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "src/evaluation/ranked_metrics.h"
#include "src/evaluation/score_kernel.h"
#include "src/evaluation/truth.h"

namespace winnow {

/// Finds the exact ranks of one query's relevant items from a stream of scores, without sorting the gallery
/// (retrieval.md 1.9): every item is counted in a bucket of score, and only items that share a bucket with a relevant
/// one are compared with it. Buckets grow finer with the number of relevant items. Memory O(R), time O(1) an item for
/// R << N. Not thread-safe.
class RankCounter {
 public:
  /// An item whose score is known before the stream begins.
  struct Known {
    float score;
    int64_t row;
  };

  /// @param relevant  all relevant rows, any order
  /// @param ignored   all ignored rows; they are in the stream too and are taken out here
  void start(const VectorSet& gallery, const ScoreKernel& kernel, const Truth& truth, int64_t query,
             const std::vector<Known>& relevant, const std::vector<Known>& ignored, int64_t keep_hits);
  /// Scores of gallery rows [first, first + n); every row must come exactly once, in any order of blocks.
  void add(const float* scores, int64_t first, int64_t n);
  /// Call once, after the last block.
  RankedList ranking();

  /// Valid after ranking().
  std::vector<ScoredHit> top() const;
  ScoredHit best_relevant() const { return {rows_[0], scores_[0]}; }
  void add_histograms(std::vector<int64_t>& positive, std::vector<int64_t>& negative) const;
  int64_t positive_sum() const;                                   ///< in units of 1 / kFixedUnit
  int64_t negative_sum() const { return sum_ - positive_sum(); }  ///< in units of 1 / kFixedUnit
  int64_t negatives() const { return items_ - static_cast<int64_t>(positives_.size()); }

  /// Bytes one counter holds for R relevant items, and what finding them takes for `candidates` rows.
  static uint64_t bytes(int64_t relevant, int64_t candidates);
  /// Bytes that the stream keeps touching: a block of queries whose sum fits the second-level cache runs fastest.
  static uint64_t hot_bytes(int64_t relevant);

 private:
  /// A relevant item, apart from its score: the hot loop reads scores and `above_` alone.
  struct Positive {
    uint32_t tied = 0;         ///< others of equal score; kept by the first positive of that score
    uint32_t tied_before = 0;  ///< those of them between the previous positive and this one by id
    uint16_t bucket = 0;
  };
  static int bucket_count(int64_t relevant);
  void sort_known(const std::vector<Known>& relevant);
  void take_out(const std::vector<Known>& ignored);
  void add_block(const float* scores, int64_t first, int64_t n);
  void empty_recent();
  void place(float score, int64_t row, uint16_t bucket, uint32_t step);
  void place_tied(size_t at, int64_t row);
  void offer(float score, int64_t row);
  bool better(const ScoredHit& a, const ScoredHit& b) const;

  VectorSet gallery_;
  const ScoreKernel* kernel_ = nullptr;
  const Truth* truth_ = nullptr;
  int64_t query_ = -1, keep_hits_ = 0, items_ = 0, sum_ = 0;
  int buckets_ = 0;
  std::vector<Positive> positives_;  ///< by (score desc, id asc)
  std::vector<int64_t> rows_;        ///< of positives_
  std::vector<float> scores_;        ///< of positives_, and a NaN, which equals nothing, behind the last
  std::vector<uint32_t> above_;      ///< [j]: others between positives j - 1 and j, of buckets that hold a positive
  std::vector<ScoredHit> top_;       ///< heap, worst in front
  /// [bucket]: items since recent_ was emptied into counts_; the top bit says that the bucket holds a positive.
  std::vector<uint16_t> recent_;
  int64_t recent_items_ = 0;
  std::vector<uint32_t> counts_;  ///< [bucket], modulo 2^32: ignored items are subtracted before they are added
  std::vector<uint64_t> keys_, other_keys_;  ///< workspace of sort_known
  std::vector<uint32_t> begin_;              ///< positives of bucket b: [begin_[b], begin_[b + 1])
};

}  // namespace winnow
