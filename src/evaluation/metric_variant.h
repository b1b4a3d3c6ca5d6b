#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/evaluation/ranked_metrics.h"

namespace winnow {

enum class MetricKind {
  kApFinite,
  kApTrapezoid,
  kApDelf,
  kMapAtR,
  kMapGldv2,
  kMapCutR,
  kMapHits,
  kRPrecision,
  kHit,
  kRecallTrue,
  kPrecision,
  kPrecisionOml,
  kMpRop,
  kPurity,
  kMrr,
  kInp,
  kUkb
};

/// One row of the metric vocabulary (retrieval.md 1.1): each variant has its own name.
struct MetricDefinition {
  MetricKind kind;
  const char* pattern;  ///< "map@K.gldv2"; K stands for a number
  const char* formula;  ///< rel[i], R, P(i), h(i) as in explain_metric's legend
  const char* differs;  ///< from its namesakes
  const char* used_by;
};
const std::vector<MetricDefinition>& metric_definitions();

/// A metric of one query, by name.
struct MetricVariant {
  std::string name;
  MetricKind kind = MetricKind::kApFinite;
  int64_t k = 0;

  /// @param list  at least one relevant item, found or missing
  /// @throws Error(kUsage) for inp, mp@K.rop and r_precision of a list that misses relevant items: they would be
  /// guesses
  double value(const RankedList& list, TieRule ties) const;
  /// How many of the first ranks value() looks at for a query of `relevant` relevant items; -1 = all.
  int64_t depth(int64_t relevant) const;
};

/// Patterns with K filled in; hit@K and cmc@K are recall@K, precision@K.plain is precision@K.
/// @throws Error(kUsage) with the nearest name; for "map" and "ap", which name several, with all of them
MetricVariant parse_metric(const std::string& name);
std::vector<MetricVariant> parse_metrics(const std::vector<std::string>& names);
/// Every variant at every k, for a cross-check.
std::vector<std::string> all_metric_names(const std::vector<int64_t>& ks);

}  // namespace winnow
