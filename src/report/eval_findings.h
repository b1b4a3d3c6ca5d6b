#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/report/eval_report.h"

namespace winnow {

/// Two classes whose pictures take each other's first place.
struct ConfusedPair {
  int64_t first = 0, second = 0;    ///< labels; more errors have a query of `first`
  int64_t errors = 0, reverse = 0;  ///< all of them, and those whose query is of `second`
  std::vector<size_t> examples;     ///< places in result.queries, at most 2
};
/// Most frequent first; ties by label.
std::vector<ConfusedPair> confused_pairs(const EvalReport& report);

struct ClassScore {
  int64_t label = 0, queries = 0, gallery = 0;
  double first_hit = 0, ap = 0, map_at_r = 0;  ///< means; first_hit = share of queries whose first hit is right
};
/// Worst mean AP first; ties by label.
std::vector<ClassScore> class_scores(const EvalReport& report);

/// Places in result.queries, worst first (lowest AP, then latest first right hit), at most 3 of a class.
std::vector<size_t> worst_queries(const EvalReport& report, int64_t count);

/// Label that all of the first hits of a query share although it is another than the query's; -1 when they do not.
/// Such a query may be labelled wrongly itself. Looks at up to 5 hits, at least 3.
int64_t unanimous_other_label(const EvalReport& report, const QueryResult& query);

/// Queries by how many relevant items they have.
struct SizeBucket {
  std::string name;
  int64_t queries = 0;
  double first_hit = 0, ap = 0;
};
std::vector<SizeBucket> size_buckets(const RetrievalResult& result);

std::string label_name(const EvalReport& report, int64_t label);
/// Share of queries whose first hit is right, by (score desc, id asc).
double first_hit_share(const RetrievalResult& result);

}  // namespace winnow
