#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "retrieval/exact_scan.h"
#include "retrieval/faiss_index.h"

namespace winnow {

// Internal to retrieval: candidates from FAISS, scores from the stored vectors. Knows positions only.

class Searcher {
 public:
  /// @param rows  float32 [N, D], unit length; must outlive the object, as must the index
  Searcher(const FaissIndex& index, const float* rows);

  /// @param unit     float32 [Q, D], unit length
  /// @param allowed  nullptr = all rows
  /// @param plan     receives how `allowed` was honoured
  /// @return for each query min(k, allowed rows) positions ordered by (score desc, position asc). A plain Flat index
  /// gives exactly the best. For the others a query's result depends on nothing but the query.
  std::vector<std::vector<Scored>> search(const float* unit, int64_t queries, int64_t k, const RowSet* allowed,
                                          std::string* plan) const;
  /// The same by looking at every allowed row.
  std::vector<std::vector<Scored>> scan(const float* unit, int64_t queries, int64_t k, const RowSet* allowed) const;

 private:
  struct Job {
    int64_t k;
    const RowSet* allowed;
    int threads_per_query;
    mutable std::atomic<int64_t> scanned{0}, widest{0};
  };
  struct Refined {
    std::vector<Scored> top;
    bool complete = false;   ///< no other row can belong to the top
    bool exhausted = false;  ///< FAISS had nothing more to give
  };

  bool better_scanned(int64_t queries, const RowSet* allowed) const;
  int64_t first_fetch(const Job& job) const;
  Refined refine(const float* query, const int64_t* labels, const float* scores, int64_t fetch, const Job& job) const;
  void search_block(const float* queries, int64_t n, const Job& job, std::vector<Scored>* out) const;
  std::vector<Scored> search_one(const float* query, int64_t fetch, const Job& job) const;
  void search_flat(const float* unit, const Job& job, std::vector<std::vector<Scored>>& out) const;
  std::vector<int64_t> flat_round(const float* unit, const std::vector<int64_t>& pending, int64_t fetch, const Job& job,
                                  std::vector<std::vector<Scored>>& out) const;
  void ask_faiss(const float* queries, int64_t n, int64_t fetch, const Job& job, float* scores, int64_t* labels) const;
  std::vector<Scored> scan_one(const float* query, const Job& job) const;
  std::string describe(const Job& job, int64_t queries) const;

  const FaissIndex& index_;
  const float* rows_;
  int64_t n_, dim_;
  float margin_;
};

}  // namespace winnow
