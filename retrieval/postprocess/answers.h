#pragma once

#include <string>
#include <vector>

#include "retrieval/index.h"

namespace winnow {

/// What is done with a query and its hits beyond the plain search.
struct RefineOptions {
  int64_t expand = 0;    ///< alpha-QE: search again with the query and this many best hits; 0 = off
  double alpha = 3;      ///< of alpha-QE
  std::string rerank;    ///< k-reciprocal, diffusion or superglobal over the `depth` best hits; "" = off
  int64_t depth = 100;   ///< hits that re-ranking, collapsing and grouping see; at least 4 k are taken
  double collapse = 0;   ///< hits that score at least this with a better hit are its duplicates; 0 = off
  std::string group_by;  ///< an item column: only the best hit of each value; "" = off
  bool any() const { return expand > 0 || !rerank.empty() || collapse > 0 || !group_by.empty(); }
};

struct RefinedHit {
  int64_t id = 0;
  float score = 0;                  ///< cosine to the query (after alpha-QE: to the expanded one)
  std::vector<int64_t> duplicates;  ///< ids that were collapsed into this hit
};

/// One query. With options.any() false these are the hits of Index::search.
/// @throws Error(kUsage) for an unknown re-ranking, column or a range of values; else as Index::search
std::vector<RefinedHit> refined_search(const Index& index, std::span<const float> query, const SearchOptions& search,
                                       const RefineOptions& options, std::string* plan = nullptr);

}  // namespace winnow
