#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "src/evaluation/ranked_metrics.h"
#include "src/evaluation/score_kernel.h"
#include "src/evaluation/truth.h"

namespace winnow {

/// Finds the exact ranks of one query's relevant items from a stream of scores, without sorting the gallery
/// (retrieval.md 1.9). The relevant scores are sorted once; equal buckets of score cut that list into short pieces, and
/// every item of the stream is compared with the piece of its bucket, a register at a time, and counted in the slot
/// between the two relevant items it falls between. Memory O(R), time O(1) an item for R up to some 50,000. Not
/// thread-safe.
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
  void ranking(RankedList& out);

  /// Valid after ranking().
  std::vector<ScoredHit> top() const;
  ScoredHit best_relevant() const { return {rows_[0], scores_[0]}; }
  void add_histograms(std::vector<int64_t>& positive, std::vector<int64_t>& negative) const;
  int64_t positive_sum() const;                                   ///< in units of 1 / kFixedUnit
  int64_t negative_sum() const { return sum_ - positive_sum(); }  ///< in units of 1 / kFixedUnit
  int64_t negatives() const { return items_ - static_cast<int64_t>(rows_.size()); }

  /// Bytes one counter holds for R relevant items, and what finding them takes for `candidates` rows.
  static uint64_t bytes(int64_t relevant, int64_t candidates);
  /// Bytes that the stream keeps touching: a block of queries whose sum fits the second-level cache runs fastest.
  static uint64_t hot_bytes(int64_t relevant);

 private:
  struct Tie {
    uint32_t others = 0;         ///< of equal score; kept by the first positive of that score
    uint32_t others_before = 0;  ///< those of them between the previous positive and this one by id
  };
  static int bucket_count(int64_t relevant);
  void sort_known(const std::vector<Known>& relevant);
  void sort_crowded();
  void sort_by_insertion();
  void take_out(const std::vector<Known>& ignored);
  int64_t relevant_among(int64_t first, int64_t n) const;
  void add_block(const float* scores, int64_t first, int64_t n);
  void empty_recent();
  void place_ties(const float* scores, const uint16_t* bucket, int64_t first, int64_t n);
  void place_tied(size_t at, int64_t row);
  void offer(float score, int64_t row);
  bool better(const ScoredHit& a, const ScoredHit& b) const { return ranks_before(gallery_.ids, a, b); }

  VectorSet gallery_;
  const ScoreKernel* kernel_ = nullptr;
  const Truth* truth_ = nullptr;
  int64_t query_ = -1, keep_hits_ = 0, items_ = 0, sum_ = 0;
  int buckets_ = 0;
  std::vector<int64_t> rows_;     ///< [R] of the relevant items by (score desc, id asc)
  std::vector<uint16_t> bucket_;  ///< [R] of the same, ascending
  std::vector<float> scores_;     ///< [R] of the same, and kWindow NaNs, which are neither above nor equal to anything
  std::vector<int64_t> by_row_;   ///< [R] the same rows, ascending
  std::vector<Tie> ties_;         ///< [R], or nothing as long as no other item ties
  std::vector<ScoredHit> top_;    ///< heap, worst in front
  /// Bucket b has a slot more than relevant items, from first_slot_[b] on: slot first_slot_[b] + c counts the items of
  /// the bucket that c relevant ones of it beat (relevant items and ties count as beaten by those before them alone).
  std::vector<uint32_t> first_slot_;  ///< [buckets_ + 1]
  std::vector<uint16_t> recent_;      ///< [slot] items since they were last emptied into counts_
  int64_t recent_items_ = 0;
  /// [slot], modulo 2^32: ignored items are subtracted before they are added. After ranking(): sums up to the slot.
  std::vector<uint32_t> counts_;
};

}  // namespace winnow
