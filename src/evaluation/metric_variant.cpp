#include "src/evaluation/metric_variant.h"

#include <algorithm>

#include "src/core/error.h"
#include "src/core/text.h"
#include "src/evaluation/expected_metrics.h"

namespace winnow {
namespace {

/// Sum of P(rank) over the relevant items before rank `limit`.
double precision_sum(const std::vector<int64_t>& ranks, int64_t limit) {
  double sum = 0;
  for (size_t j = 0; j < ranks.size() && ranks[j] < limit; ++j)
    sum += static_cast<double>(j + 1) / static_cast<double>(ranks[j] + 1);
  return sum;
}

double trapezoid_sum(const std::vector<int64_t>& ranks) {
  double sum = 0;
  for (size_t j = 0; j < ranks.size(); ++j) {
    const auto rank = static_cast<double>(ranks[j]), hits = static_cast<double>(j);
    sum += 0.5 * ((ranks[j] == 0 ? 1.0 : hits / rank) + (hits + 1) / (rank + 1));
  }
  return sum;
}

double share(double part, int64_t whole) { return whole == 0 ? 0.0 : part / static_cast<double>(whole); }

double mp_rop(const std::vector<int64_t>& ranks, int64_t k) {
  const int64_t cut = std::min(ranks.back() + 1, k);
  return share(static_cast<double>(count_below(ranks, cut)), cut);
}

double purity(const std::vector<int64_t>& ranks, int64_t k) {
  double sum = 0;
  for (int64_t cut = 1; cut <= k; ++cut) sum += share(static_cast<double>(count_below(ranks, cut)), cut);
  return share(sum, k);
}

double of_ranks(MetricKind kind, int64_t k, const std::vector<int64_t>& ranks, int64_t total) {
  const auto found = static_cast<int64_t>(ranks.size());
  const auto hits = static_cast<double>(count_below(ranks, k));
  switch (kind) {
    case MetricKind::kApFinite: return share(precision_sum(ranks, INT64_MAX), total);
    case MetricKind::kApTrapezoid: return share(trapezoid_sum(ranks), total);
    case MetricKind::kApDelf: return share(trapezoid_sum(ranks), found);
    case MetricKind::kMapAtR: return share(precision_sum(ranks, total), total);
    case MetricKind::kMapGldv2: return share(precision_sum(ranks, k), std::min(total, k));
    case MetricKind::kMapCutR: return share(precision_sum(ranks, k), total);
    case MetricKind::kMapHits: return share(precision_sum(ranks, k), count_below(ranks, k));
    case MetricKind::kRPrecision: return share(static_cast<double>(count_below(ranks, total)), total);
    case MetricKind::kHit: return hits > 0 ? 1.0 : 0.0;
    case MetricKind::kRecallTrue: return share(hits, total);
    case MetricKind::kPrecision: return share(hits, k);
    case MetricKind::kPrecisionOml: return share(hits, std::min(k, total));
    case MetricKind::kMpRop: return mp_rop(ranks, k);
    case MetricKind::kPurity: return purity(ranks, k);
    case MetricKind::kMrr: return found == 0 ? 0.0 : 1.0 / static_cast<double>(ranks[0] + 1);
    case MetricKind::kInp: return share(static_cast<double>(found), ranks.back() + 1);
    case MetricKind::kUkb: return static_cast<double>(count_below(ranks, 4));
  }
  return 0;
}

double of_expectation(MetricKind kind, int64_t k, const RankedList& list, int64_t total) {
  const auto& groups = list.groups;
  switch (kind) {
    case MetricKind::kApFinite: return share(expected_precision_sum(groups, INT64_MAX), total);
    case MetricKind::kApTrapezoid: return share(expected_trapezoid_sum(groups), total);
    case MetricKind::kApDelf: return share(expected_trapezoid_sum(groups), static_cast<int64_t>(list.ranks.size()));
    case MetricKind::kMapAtR: return share(expected_precision_sum(groups, total), total);
    case MetricKind::kMapGldv2: return share(expected_precision_sum(groups, k), std::min(total, k));
    case MetricKind::kMapCutR: return share(expected_precision_sum(groups, k), total);
    case MetricKind::kMapHits: return expected_map_hits(groups, k);
    case MetricKind::kRPrecision: return share(expected_hits(groups, total), total);
    case MetricKind::kHit: return chance_of_hit(groups[0], k);
    case MetricKind::kRecallTrue: return share(expected_hits(groups, k), total);
    case MetricKind::kPrecision: return share(expected_hits(groups, k), k);
    case MetricKind::kPrecisionOml: return share(expected_hits(groups, k), std::min(k, total));
    case MetricKind::kMpRop: return expected_mp_rop(groups, k);
    case MetricKind::kPurity: {
      double sum = 0;
      for (int64_t cut = 1; cut <= k; ++cut) sum += share(expected_hits(groups, cut), cut);
      return share(sum, k);
    }
    case MetricKind::kMrr: return expected_reciprocal_rank(groups[0]);
    case MetricKind::kInp: return expected_inp(groups);
    case MetricKind::kUkb: return expected_hits(groups, 4);
  }
  return 0;
}

bool needs_whole_list(MetricKind kind) {
  return kind == MetricKind::kInp || kind == MetricKind::kMpRop || kind == MetricKind::kRPrecision;
}

/// K of a name that fits "PREFIX@K.SUFFIX"; 0 when it does not fit.
int64_t fit(const std::string& name, const std::string& pattern) {
  const auto at = pattern.find("@K");
  if (at == std::string::npos) return name == pattern ? 1 : 0;
  const std::string prefix = pattern.substr(0, at + 1), suffix = pattern.substr(at + 2);
  if (name.size() <= prefix.size() + suffix.size() || name.compare(0, prefix.size(), prefix) != 0 ||
      name.compare(name.size() - suffix.size(), suffix.size(), suffix) != 0)
    return 0;
  const auto k = parse_int(std::string_view(name).substr(prefix.size(), name.size() - prefix.size() - suffix.size()));
  return k && *k >= 1 && *k <= 1'000'000'000 ? *k : 0;
}

std::string canonical(const std::string& name) {
  for (const char* prefix : {"hit@", "cmc@"})
    if (name.rfind(prefix, 0) == 0) return "recall@" + name.substr(4);
  if (fit(name, "precision@K.plain") > 0) return name.substr(0, name.size() - 6);
  return name;
}

}  // namespace

double MetricVariant::value(const RankedList& list, TieRule ties) const {
  const auto found = static_cast<int64_t>(list.ranks.size()), total = found + list.missing;
  if (list.missing > 0 && needs_whole_list(kind))
    throw Error(ErrorCode::kUsage, "[evaluation] " + name + " needs the whole ranking, but the list misses " +
                                       std::to_string(list.missing) + " of " + std::to_string(total) +
                                       " relevant items; use a metric with a cut such as map@100.gldv2");
  if (found == 0) return 0.0;
  if (!list.tied()) return of_ranks(kind, k, list.ranks, total);
  if (ties == TieRule::kExpected) return of_expectation(kind, k, list, total);
  return of_ranks(kind, k, ordered_ranks(list, ties), total);
}

int64_t MetricVariant::depth(int64_t relevant) const {
  switch (kind) {
    case MetricKind::kApFinite:
    case MetricKind::kApTrapezoid:
    case MetricKind::kApDelf:
    case MetricKind::kMrr:
    case MetricKind::kInp: return -1;
    case MetricKind::kMapAtR:
    case MetricKind::kRPrecision: return relevant;
    case MetricKind::kUkb: return 4;
    default: return k;
  }
}

MetricVariant parse_metric(const std::string& given) {
  const std::string name = canonical(given);
  for (const auto& definition : metric_definitions())
    if (const int64_t k = fit(name, definition.pattern); k > 0) return {name, definition.kind, k};
  std::vector<std::string> patterns, variants;
  for (const auto& definition : metric_definitions()) {
    patterns.emplace_back(definition.pattern);
    if (patterns.back().rfind("ap.", 0) == 0 || patterns.back().rfind("map@", 0) == 0)
      variants.push_back(patterns.back());
  }
  if (given == "map" || given == "ap" || given == "mAP")
    throw Error(ErrorCode::kUsage, "[evaluation] '" + given + "' names several metrics that differ: " +
                                       join(variants, ", ") + " (see --explain)");
  std::string message = "[evaluation] unknown metric '" + given + "'";
  auto known = patterns;
  for (const char* example : {"recall@1", "recall@5", "recall@10", "precision@1", "precision@5", "precision@10"})
    known.emplace_back(example);
  if (const auto near = nearest_name(given, known)) message += " (did you mean '" + *near + "'?)";
  throw Error(ErrorCode::kUsage, message + "; known: " + join(patterns, ", "));
}

std::vector<MetricVariant> parse_metrics(const std::vector<std::string>& names) {
  std::vector<MetricVariant> out;
  for (const auto& name : names) {
    auto variant = parse_metric(name);
    const bool again = std::any_of(out.begin(), out.end(), [&](const auto& v) { return v.name == variant.name; });
    if (!again) out.push_back(std::move(variant));
  }
  return out;
}

std::vector<std::string> all_metric_names(const std::vector<int64_t>& ks) {
  std::vector<std::string> out;
  for (const auto& definition : metric_definitions()) {
    const std::string pattern = definition.pattern;
    const auto at = pattern.find("@K");
    if (at == std::string::npos) {
      out.push_back(pattern);
      continue;
    }
    for (const int64_t k : ks) out.push_back(pattern.substr(0, at + 1) + std::to_string(k) + pattern.substr(at + 2));
  }
  return out;
}

}  // namespace winnow
