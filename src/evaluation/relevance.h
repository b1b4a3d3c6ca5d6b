#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "src/evaluation/retrieval.h"

namespace winnow {

/// Which gallery rows are relevant to which query: equal non-negative labels, less the query's own row.
class Relevance {
 public:
  /// @throws Error(kData) for equal ids in the gallery
  Relevance(const VectorSet& queries, const VectorSet& gallery, bool same_set);

  /// Gallery rows of the query's label, ascending by row; may hold the query's own row.
  std::span<const int64_t> rows(int64_t query) const;
  int64_t self_row(int64_t query) const { return self_rows_.empty() ? -1 : self_rows_[query]; }
  /// Number of relevant rows.
  int64_t count(int64_t query) const;
  /// Queries with a relevant item, those of one label side by side (by label, then row).
  const std::vector<int64_t>& order() const { return order_; }
  const std::vector<int64_t>& excluded() const { return excluded_; }  ///< ascending

 private:
  VectorSet queries_, gallery_;
  std::vector<int64_t> by_label_;        ///< gallery rows with a label, by (label, row)
  std::vector<int64_t> labels_, begin_;  ///< distinct labels and where each begins in by_label_
  std::vector<int64_t> self_rows_;
  std::vector<int64_t> order_, excluded_;
};

}  // namespace winnow
