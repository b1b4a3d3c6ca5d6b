#include "src/evaluation/ranked_metrics.h"

#include <algorithm>
#include <cmath>

namespace winnow {
namespace {

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

int64_t count_below(const std::vector<int64_t>& ranks, int64_t k) {
  return std::lower_bound(ranks.begin(), ranks.end(), k) - ranks.begin();
}

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

double expected_hits(const std::vector<TieGroup>& groups, int64_t k) {
  double hits = 0;
  for (const auto& g : groups) {
    if (g.start >= k) break;
    const int64_t size = g.relevant + g.others;
    hits +=
        static_cast<double>(g.relevant) * static_cast<double>(std::min(k - g.start, size)) / static_cast<double>(size);
  }
  return hits;
}

/// 1 - C(t - m, c) / C(t, c) for the first group, which decides alone: after it there is a hit for certain.
double chance_of_hit(const TieGroup& first, int64_t k) {
  const int64_t size = first.relevant + first.others;
  const int64_t drawn = std::clamp<int64_t>(k - first.start, 0, size);
  if (drawn > first.others) return 1.0;
  double miss = 1.0;
  const int64_t steps = std::min(drawn, first.relevant), other = std::max(drawn, first.relevant);
  for (int64_t i = 0; i < steps; ++i) miss *= static_cast<double>(size - other - i) / static_cast<double>(size - i);
  return 1.0 - miss;
}

/// Sum over offsets o of P(first hit at o) / (start + o + 1), P(o) = P(none in o) m / (t - o).
double expected_reciprocal_rank(const TieGroup& first) {
  const int64_t size = first.relevant + first.others;
  double sum = 0, none_before = 1.0;
  for (int64_t o = 0; o <= first.others; ++o) {
    const double hit = static_cast<double>(first.relevant) / static_cast<double>(size - o);
    sum += none_before * hit / static_cast<double>(first.start + o + 1);
    none_before *= 1.0 - hit;
  }
  return sum;
}

/// Contributions of one tie group, retrieval.md 1.9: at offset o a hit has the chance m / t and, given it, expects
/// h + o (m - 1) / (t - 1) hits before.
void add_expected_group(const TieGroup& g, int64_t hits_before, int64_t total, double& finite, double& trapezoid,
                        double& at_r) {
  const int64_t size = g.relevant + g.others;
  const double chance = static_cast<double>(g.relevant) / static_cast<double>(size);
  const double step = size > 1 ? static_cast<double>(g.relevant - 1) / static_cast<double>(size - 1) : 0.0;
  for (int64_t o = 0; o < size; ++o) {
    const int64_t i = g.start + o;
    const double earlier = static_cast<double>(hits_before) + static_cast<double>(o) * step;
    const double precision = (earlier + 1) / static_cast<double>(i + 1);
    const double before = i == 0 ? 1.0 : earlier / static_cast<double>(i);
    finite += chance * precision;
    trapezoid += 0.5 * chance * (before + precision);
    if (i < total) at_r += chance * precision;
  }
}

void score_expected(const RankedList& list, const std::vector<int64_t>& ks, QueryResult& out) {
  const auto count = static_cast<int64_t>(list.ranks.size());
  double finite = 0, trapezoid = 0, at_r = 0;
  int64_t hits = 0;
  for (const auto& g : list.groups) {
    add_expected_group(g, hits, count, finite, trapezoid, at_r);
    hits += g.relevant;
  }
  out.ap_finite = finite / static_cast<double>(count);
  out.ap_trapezoid = trapezoid / static_cast<double>(count);
  out.map_at_r = at_r / static_cast<double>(count);
  out.r_precision = expected_hits(list.groups, count) / static_cast<double>(count);
  out.mrr = expected_reciprocal_rank(list.groups[0]);
  for (const int64_t k : ks) {
    out.hit_at.push_back(chance_of_hit(list.groups[0], k));
    out.precision_at.push_back(expected_hits(list.groups, k) / static_cast<double>(k));
  }
}

}  // namespace

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

std::vector<double> metric_values(const QueryResult& query) {
  std::vector<double> out = query.hit_at;
  out.insert(out.end(), query.precision_at.begin(), query.precision_at.end());
  for (const double v : {query.map_at_r, query.r_precision, query.ap_finite, query.ap_trapezoid, query.mrr})
    out.push_back(v);
  return out;
}

}  // namespace winnow
