#include "src/evaluation/ranked_metrics.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "src/evaluation/expected_metrics.h"

namespace winnow {

int64_t count_below(const std::vector<int64_t>& ranks, int64_t k) {
  return std::lower_bound(ranks.begin(), ranks.end(), k) - ranks.begin();
}

namespace {

void score_ranks(const std::vector<int64_t>& ranks, const std::vector<int64_t>& ks, QueryResult& out) {
  const auto count = static_cast<int64_t>(ranks.size());
  double finite = 0, trapezoid = 0, at_r = 0;
  for (int64_t j = 0; j < count; ++j) {
    const auto rank = static_cast<double>(ranks[j]);
    const double precision = static_cast<double>(j + 1) / (rank + 1);
    const double before = ranks[j] == 0 ? 1.0 : static_cast<double>(j) / rank;
    finite += precision;
    trapezoid += 0.5 * (before + precision);
    if (ranks[j] < count) at_r += precision;
  }
  out.ap_finite = finite / static_cast<double>(count);
  out.ap_trapezoid = trapezoid / static_cast<double>(count);
  out.map_at_r = at_r / static_cast<double>(count);
  out.r_precision = static_cast<double>(count_below(ranks, count)) / static_cast<double>(count);
  out.mrr = 1.0 / static_cast<double>(ranks[0] + 1);
  for (const int64_t k : ks) {
    out.hit_at.push_back(ranks[0] < k ? 1.0 : 0.0);
    out.precision_at.push_back(static_cast<double>(count_below(ranks, k)) / static_cast<double>(k));
  }
}

void score_expected(const RankedList& list, const std::vector<int64_t>& ks, QueryResult& out) {
  const auto& groups = list.groups;
  const auto count = static_cast<int64_t>(list.ranks.size());
  const auto total = static_cast<double>(count);
  out.ap_finite = expected_precision_sum(groups, INT64_MAX) / total;
  out.ap_trapezoid = expected_trapezoid_sum(groups) / total;
  out.map_at_r = expected_precision_sum(groups, count) / total;
  out.r_precision = expected_hits(groups, count) / total;
  out.mrr = expected_reciprocal_rank(groups[0]);
  for (const int64_t k : ks) {
    out.hit_at.push_back(chance_of_hit(groups[0], k));
    out.precision_at.push_back(expected_hits(groups, k) / static_cast<double>(k));
  }
}

}  // namespace

std::vector<int64_t> ordered_ranks(const RankedList& list, TieRule ties) {
  if (ties == TieRule::kId) return list.ranks;
  std::vector<int64_t> ranks;
  ranks.reserve(list.ranks.size());
  for (const auto& g : list.groups) {
    const int64_t from = g.start + (ties == TieRule::kPessimistic ? g.others : 0);
    for (int64_t i = 0; i < g.relevant; ++i) ranks.push_back(from + i);
  }
  return ranks;
}

bool RankedList::tied() const {
  return std::any_of(groups.begin(), groups.end(), [](const TieGroup& g) { return g.others > 0; });
}

void score_list(const RankedList& list, TieRule ties, const std::vector<int64_t>& ks, QueryResult& out) {
  out.relevant = static_cast<int64_t>(list.ranks.size());
  out.first_rank = list.ranks[0];
  out.hit_at.clear();
  out.precision_at.clear();
  // Without ties every rule gives the same list; one path then gives the same bits too.
  if (ties == TieRule::kExpected && list.tied())
    score_expected(list, ks, out);
  else
    score_ranks(list.tied() ? ordered_ranks(list, ties) : list.ranks, ks, out);
}

void add_precision_at_recall(const std::vector<int64_t>& ranks, std::array<int64_t, kRecallLevels>& sums) {
  const auto count = static_cast<int64_t>(ranks.size());
  double best = 0;
  int64_t j = count - 1;
  for (int level = kRecallLevels - 1; level >= 0; --level) {
    // The first hit that reaches recall level / 100, in integers so that 0.07 * 100 has no say.
    const int64_t needed = std::max<int64_t>(0, (level * count + kRecallLevels - 2) / (kRecallLevels - 1) - 1);
    for (; j >= needed; --j) best = std::max(best, static_cast<double>(j + 1) / static_cast<double>(ranks[j] + 1));
    sums[level] += std::llround(best * kPrecisionUnit);
  }
}

RankedList rank_predictions(std::span<const int64_t> predicted, std::span<const int64_t> positive,
                            std::span<const int64_t> ignored) {
  enum class Is { kPositive, kIgnored };
  std::unordered_map<int64_t, Is> known;
  for (const int64_t id : positive) known[id] = Is::kPositive;
  for (const int64_t id : ignored) known[id] = Is::kIgnored;
  RankedList out;
  int64_t rank = 0;
  for (const int64_t id : predicted) {
    const auto found = known.find(id);
    if (found != known.end() && found->second == Is::kIgnored) continue;
    if (found != known.end()) {
      out.ranks.push_back(rank);
      out.groups.push_back({rank, 1, 0});
      known.erase(found);  // a repeated id is scored once and still holds its rank
    }
    ++rank;
  }
  for (const auto& [id, is] : known) out.missing += is == Is::kPositive ? 1 : 0;
  return out;
}

std::vector<double> metric_values(const QueryResult& query) {
  std::vector<double> out = query.hit_at;
  out.insert(out.end(), query.precision_at.begin(), query.precision_at.end());
  for (const double v : {query.map_at_r, query.r_precision, query.ap_finite, query.ap_trapezoid, query.mrr})
    out.push_back(v);
  out.insert(out.end(), query.extra.begin(), query.extra.end());
  return out;
}

}  // namespace winnow
