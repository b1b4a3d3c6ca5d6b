#pragma once

#include <map>
#include <string>
#include <vector>

#include "retrieval/index.h"
#include "src/evaluation/retrieval.h"

namespace winnow {

struct IndexEvaluationOptions {
  std::vector<std::string> metrics = {};  ///< empty = recall@K, precision@K and map@K.gldv2 for every K
  std::vector<int64_t> ks = {1, 5, 10};
  int64_t candidates = 100;  ///< hits asked of the index for each query; at least every K
  int64_t sample = 200;      ///< queries that are searched exactly too, for the recall of the candidates
  int64_t bootstrap = 1000;
  uint64_t seed = 1;
};

/// Metrics of what an index returns, not of an exact search.
struct IndexEvaluation {
  IndexInfo index;
  int64_t candidates = 0, queries = 0, excluded = 0, sample = 0;
  bool self_left_out = false;  ///< queries that are items of the index (same id and path) are not their own hits
  double recall = 0;           ///< share of the exact best `candidates` that the index returned, over the sample
  double first_right = 0;      ///< share of the sample whose best hit is the exact one
  std::map<std::string, double> metrics;
  std::map<std::string, Interval> intervals;
  double search_seconds = 0;
};

/// Items with a query's label are relevant; those the candidates miss count as not found.
/// @throws Error(kMismatch) when query vectors and index come from different models, Error(kUsage) for a metric that
/// needs the whole ranking, Error(kData) when no query has a relevant item in the index
IndexEvaluation evaluate_index(const fs::path& queries, const fs::path& index, const IndexEvaluationOptions& options);

std::string index_evaluation_text(const IndexEvaluation& run);
std::string index_evaluation_json(const IndexEvaluation& run);

}  // namespace winnow
