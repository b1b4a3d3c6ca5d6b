#include "src/evaluation/expected_metrics.h"

#include <algorithm>
#include <functional>

namespace winnow {
namespace {

double real(int64_t n) { return static_cast<double>(n); }

/// At offset o of a group of t items with m relevant a hit has the chance m / t and, given it, expects
/// h + o (m - 1) / (t - 1) hits before. Sums P over offsets below `limit`.
double group_precision(int64_t start, double relevant, int64_t size, double hits_before, int64_t limit) {
  const double chance = relevant / real(size), step = size > 1 ? (relevant - 1) / real(size - 1) : 0.0;
  double sum = 0;
  for (int64_t o = 0; o < std::min(size, limit); ++o)
    sum += chance * (hits_before + real(o) * step + 1) / real(start + o + 1);
  return sum;
}

/// Mean over where the last hit of the last group falls: P(o) = C(o, m - 1) / C(t, m).
double over_last_hit(const TieGroup& last, const std::function<double(int64_t offset)>& value) {
  const int64_t size = last.relevant + last.others;
  double sum = 0, chance = real(last.relevant) / real(size);
  for (int64_t o = size - 1; o >= last.relevant - 1; --o) {
    sum += chance * value(o);
    if (o > 0) chance *= real(o - last.relevant + 1) / real(o);
  }
  return sum;
}

int64_t relevant_before(const std::vector<TieGroup>& groups, size_t end) {
  int64_t sum = 0;
  for (size_t i = 0; i < end; ++i) sum += groups[i].relevant;
  return sum;
}

}  // namespace

double expected_precision_sum(const std::vector<TieGroup>& groups, int64_t limit) {
  double sum = 0;
  int64_t hits = 0;
  for (const auto& g : groups) {
    if (g.start >= limit) break;
    sum += group_precision(g.start, real(g.relevant), g.relevant + g.others, real(hits), limit - g.start);
    hits += g.relevant;
  }
  return sum;
}

double expected_trapezoid_sum(const std::vector<TieGroup>& groups) {
  double sum = 0;
  int64_t hits = 0;
  for (const auto& g : groups) {
    const int64_t size = g.relevant + g.others;
    const double chance = real(g.relevant) / real(size), step = size > 1 ? real(g.relevant - 1) / real(size - 1) : 0.0;
    for (int64_t o = 0; o < size; ++o) {
      const int64_t i = g.start + o;
      const double earlier = real(hits) + real(o) * step;
      sum += 0.5 * chance * ((i == 0 ? 1.0 : earlier / real(i)) + (earlier + 1) / real(i + 1));
    }
    hits += g.relevant;
  }
  return sum;
}

double expected_hits(const std::vector<TieGroup>& groups, int64_t k) {
  double hits = 0;
  for (const auto& g : groups) {
    if (g.start >= k) break;
    const int64_t size = g.relevant + g.others;
    hits += real(g.relevant) * real(std::min(k - g.start, size)) / real(size);
  }
  return hits;
}

double chance_of_hit(const TieGroup& first, int64_t k) {
  const int64_t size = first.relevant + first.others;
  const int64_t drawn = std::clamp<int64_t>(k - first.start, 0, size);
  if (drawn > first.others) return 1.0;
  double miss = 1.0;  // C(t - m, c) / C(t, c), written over the smaller of m and c
  const int64_t steps = std::min(drawn, first.relevant), other = std::max(drawn, first.relevant);
  for (int64_t i = 0; i < steps; ++i) miss *= real(size - other - i) / real(size - i);
  return 1.0 - miss;
}

double expected_reciprocal_rank(const TieGroup& first) {
  const int64_t size = first.relevant + first.others;
  double sum = 0, none_before = 1.0;
  for (int64_t o = 0; o <= first.others; ++o) {
    const double hit = real(first.relevant) / real(size - o);
    sum += none_before * hit / real(first.start + o + 1);
    none_before *= 1.0 - hit;
  }
  return sum;
}

double expected_map_hits(const std::vector<TieGroup>& groups, int64_t k) {
  double before = 0;
  int64_t hits = 0;
  for (const auto& g : groups) {
    const int64_t size = g.relevant + g.others;
    if (g.start >= k) break;
    if (g.start + size <= k) {
      before += group_precision(g.start, real(g.relevant), size, real(hits), size);
      hits += g.relevant;
      continue;
    }
    // a hits fall among the first c places of the group (hypergeometric); weights grow from the least a, rescaled.
    const int64_t c = k - g.start;
    double weight = 1, weights = 0, sum = 0;
    for (int64_t a = std::max<int64_t>(0, c - g.others); a <= std::min(g.relevant, c); ++a) {
      const double part = group_precision(g.start, real(a), c, real(hits), c);
      weights += weight;
      if (hits + a > 0) sum += weight * (before + part) / real(hits + a);
      weight *= real(g.relevant - a) * real(c - a) / (real(a + 1) * real(g.others - c + a + 1));
      if (weight > 1e250)
        for (double* v : {&weight, &weights, &sum}) *v *= 1e-250;
    }
    return sum / weights;
  }
  return hits == 0 ? 0.0 : before / real(hits);
}

double expected_mp_rop(const std::vector<TieGroup>& groups, int64_t k) {
  const TieGroup& last = groups.back();
  if (k <= last.start) return expected_hits(groups, k) / real(k);
  const int64_t hits = relevant_before(groups, groups.size() - 1), c = k - last.start;
  return over_last_hit(last, [&](int64_t o) {
    if (o < c) return real(hits + last.relevant) / real(last.start + o + 1);
    return (real(hits) + real(last.relevant - 1) * real(c) / real(o)) / real(k);
  });
}

double expected_inp(const std::vector<TieGroup>& groups) {
  const int64_t total = relevant_before(groups, groups.size());
  return over_last_hit(groups.back(), [&](int64_t o) { return real(total) / real(groups.back().start + o + 1); });
}

}  // namespace winnow
