#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "src/evaluation/retrieval.h"

namespace winnow {

/// The order of a ranking: score descending, then the id of the gallery row ascending.
inline bool ranks_before(std::span<const int64_t> gallery_ids, const ScoredHit& a, const ScoredHit& b) {
  return a.score != b.score ? a.score > b.score : gallery_ids[a.gallery_row] < gallery_ids[b.gallery_row];
}

/// Items of equal score that hold a relevant one: `relevant` and `others` of them from 0-based position `start`.
struct TieGroup {
  int64_t start, relevant, others;
};

/// One query's ranking as far as metrics need it.
struct RankedList {
  std::vector<int64_t> ranks;    ///< 0-based rank of each relevant item by (score desc, id asc), ascending
  std::vector<TieGroup> groups;  ///< the same items by distinct score, best first
  int64_t missing = 0;           ///< relevant items that a cut list does not hold
  bool tied() const;             ///< a group holds another item too
};

/// Ranks under a rule that orders ties; kExpected has none and gives those of kOptimistic.
std::vector<int64_t> ordered_ranks(const RankedList& list, TieRule ties);

/// A ranking given as ids, best first (a submission, a saved ranks file). Ignored ids are taken out before ranking; an
/// id predicted again counts once but holds its rank (GLDv2).
RankedList rank_predictions(std::span<const int64_t> predicted, std::span<const int64_t> positive,
                            std::span<const int64_t> ignored = {});

/// How many of the ascending 0-based ranks are under k.
int64_t count_below(const std::vector<int64_t>& ranks, int64_t k);

/// Fills every metric of `out` (relevant, first_rank, ap_*, map_at_r, r_precision, mrr, hit_at, precision_at).
/// @param list  at least one relevant item
void score_list(const RankedList& list, TieRule ties, const std::vector<int64_t>& ks, QueryResult& out);

/// Adds this list's interpolated precision to `sums` in units of 2^-40: sums of integers do not depend on their order.
void add_precision_at_recall(const std::vector<int64_t>& ranks, std::array<int64_t, kRecallLevels>& sums);
inline constexpr double kPrecisionUnit = 1099511627776.0;

/// The metrics of one query in the order of metric_names(ks), then the extra ones.
std::vector<double> metric_values(const QueryResult& query);

}  // namespace winnow
