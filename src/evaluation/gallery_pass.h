#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "src/evaluation/metric_variant.h"
#include "src/evaluation/query_blocks.h"
#include "src/evaluation/rank_counter.h"
#include "src/evaluation/retrieval.h"
#include "src/evaluation/score_kernel.h"
#include "src/evaluation/truth.h"

namespace winnow {

/// Everything the threads add to; sums of integers, so that the order of blocks does not show.
struct PassTotals {
  std::vector<int64_t> positive_histogram = std::vector<int64_t>(100), negative_histogram = std::vector<int64_t>(100);
  std::array<int64_t, kRecallLevels> precision{};
  __int128 positive_sum = 0, negative_sum = 0;
  int64_t positives = 0, negatives = 0, ties = 0;
  void add(const PassTotals& other);
};

/// Bytes of what an evaluation returns and of its ground truth by label.
uint64_t result_bytes(int64_t queries, int64_t gallery, const RetrievalOptions& options);

/// Streams the gallery past every query with a relevant item: threads take blocks of queries, each block reads the
/// gallery in packed tiles, once for the scores of the relevant items and once to count the others against them.
class GalleryPass {
 public:
  /// The arguments must outlive the object. @throws Error(kData) as evaluate_retrieval
  GalleryPass(const VectorSet& queries, const VectorSet& gallery, const Truth& truth, const RetrievalOptions& options,
              const std::function<void(int64_t)>& on_progress);
  void run();
  /// Most bytes above the vectors that run() takes, results included; more than options.memory only where the results
  /// alone need it.
  static uint64_t memory(const VectorSet& queries, const VectorSet& gallery, const Truth& truth,
                         const RetrievalOptions& options);

  std::vector<QueryResult>& results() { return results_; }  ///< [Q]; untouched where no item is relevant
  const PassTotals& totals() const { return totals_; }

 private:
  /// Sizes that keep `threads` workspaces within the memory asked for. They never show in the result.
  struct Plan {
    int64_t gallery_tile, block_queries;
    int64_t kept_candidates;  ///< rows of a group that stay packed from one block to the next
    uint64_t block_bytes;
    bool keep_packed;  ///< the whole gallery is packed once
    int threads;
  };
  struct Workspace {
    std::vector<RankCounter> counters;
    std::vector<std::vector<RankCounter::Known>> relevant, ignored;
    std::vector<int64_t> candidates;
    int64_t candidates_of = 0;                  ///< group of `candidates`
    bool has_candidates = false, kept = false;  ///< kept: packed_candidates are those of the group
    std::vector<Role> roles;
    RankedList list;
    std::vector<float> packed_queries, packed_gallery, packed_candidates, scores;
  };

  void make_plan();
  size_t block_size(std::span<const int64_t> rest) const;
  void find_candidates(std::span<const int64_t> block, Workspace& w);
  void take_candidates(int64_t query, Workspace& w) const;
  void score_candidates(std::span<const int64_t> group, Workspace& w, size_t first);
  void pack_gallery();
  void score_tile(const Workspace& w, const float* panels, size_t group, int64_t n, std::vector<float>& scores) const;
  void stream_gallery(std::span<const int64_t> block, Workspace& w);
  void finish(std::span<const int64_t> block, Workspace& w);

  VectorSet queries_, gallery_;
  const RetrievalOptions& options_;
  const ScoreKernel& kernel_;
  const Truth& truth_;
  const std::vector<MetricVariant> variants_;
  Plan plan_{};
  std::vector<float> packed_gallery_;  ///< all of it, or nothing
  std::vector<QueryResult> results_;   ///< by query row
  PassTotals totals_;
  QueryBlocks blocks_;
};

}  // namespace winnow
