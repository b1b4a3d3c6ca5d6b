#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "src/evaluation/ranked_metrics.h"
#include "src/evaluation/truth.h"

namespace winnow {

/// Keeps the `depth` best items of one query from a stream of scores, by (score desc, id asc), without the ignored
/// ones. All that metrics with a cut need. Not thread-safe.
class TopRanker {
 public:
  /// @param depth  at least 1. The arguments must outlive the stream.
  void start(const VectorSet& gallery, const Truth& truth, int64_t query, int64_t depth);
  /// Items of lower scores are not among the best any more; never falls.
  float bound() const { return bound_; }
  /// Every row at most once, in any order; those under bound() may be left out.
  void offer(float score, int64_t row);
  /// Call once, after the last item. Relevant items under the depth get ranks from `depth` on.
  void ranking(RankedList& out);

  /// Valid after ranking(): at most `count` best, best first.
  std::span<const ScoredHit> top(int64_t count) const;
  ScoredHit best_relevant() const { return best_relevant_; }  ///< row -1 when it lies under the depth
  static uint64_t bytes(int64_t depth);

 private:
  bool better(const ScoredHit& a, const ScoredHit& b) const { return ranks_before(gallery_.ids, a, b); }
  void cut();
  void raise_bound(float score);

  VectorSet gallery_;
  const Truth* truth_ = nullptr;
  int64_t query_ = -1;
  size_t depth_ = 0;
  float bound_ = 0;
  ScoredHit best_relevant_{-1, 0};
  std::vector<ScoredHit> items_;  ///< unordered; cut to depth_ when twice as many
  std::vector<uint32_t> bins_;    ///< accepted items by score, from level_ on
  size_t level_ = 0, above_ = 0;  ///< the bin that holds the depth_-th best; items in it and above
};

}  // namespace winnow
