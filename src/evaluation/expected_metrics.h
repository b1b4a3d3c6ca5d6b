#pragma once

#include <cstdint>
#include <vector>

#include "src/evaluation/ranked_metrics.h"

namespace winnow {

// Means over all orders of items with equal scores, in closed form (retrieval.md 1.9). `groups` are the tie groups of
// one query, best first. Thread-safe.

/// Sum of P(i) over relevant positions i < limit.
double expected_precision_sum(const std::vector<TieGroup>& groups, int64_t limit);
double expected_trapezoid_sum(const std::vector<TieGroup>& groups);
/// Hits among the first k.
double expected_hits(const std::vector<TieGroup>& groups, int64_t k);
/// Chance of a hit among the first k; the first group decides alone: after it there is a hit for certain.
double chance_of_hit(const TieGroup& first, int64_t k);
double expected_reciprocal_rank(const TieGroup& first);
/// Sum of P(i) over hits before k, over their number; the number is random where a group lies across k.
double expected_map_hits(const std::vector<TieGroup>& groups, int64_t k);
/// Precision at min(k, rank of the last hit).
double expected_mp_rop(const std::vector<TieGroup>& groups, int64_t k);
/// R over the 1-based rank of the last hit.
double expected_inp(const std::vector<TieGroup>& groups);

}  // namespace winnow
