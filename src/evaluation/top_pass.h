#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "src/evaluation/byte_rows.h"
#include "src/evaluation/metric_variant.h"
#include "src/evaluation/query_blocks.h"
#include "src/evaluation/retrieval.h"
#include "src/evaluation/score_kernel.h"
#include "src/evaluation/top_ranker.h"

namespace winnow {

/// Streams the gallery past every query with a relevant item and keeps the first ranks of each, where no metric looks
/// deeper. After the first tile a sieve of 8-bit products (byte_rows.h) leaves out what cannot be among them; the rest
/// is scored exactly, so the result is that of GalleryPass bit for bit.
class TopPass {
 public:
  /// Whether the metrics asked for can be had this way, cheaper than by whole rankings.
  static bool serves(const Truth& truth, const VectorSet& gallery, const RetrievalOptions& options);
  /// As GalleryPass::memory.
  static uint64_t memory(const VectorSet& queries, const VectorSet& gallery, const Truth& truth,
                         const RetrievalOptions& options);

  /// The arguments must outlive the object.
  TopPass(const VectorSet& queries, const VectorSet& gallery, const Truth& truth, const RetrievalOptions& options,
          const std::function<void(int64_t)>& on_progress);
  void run();
  std::vector<QueryResult>& results() { return results_; }  ///< [Q]; untouched where no item is relevant

 private:
  struct Workspace {
    std::vector<TopRanker> rankers;
    std::vector<float> packed_queries, packed_gallery, scores;
    ByteQueries bytes;
    ByteGallery gallery;
    std::vector<ByteLimits> limits;
    std::vector<uint16_t> found;
    std::vector<uint32_t> counts;
    RankedList list;
  };

  void pack_gallery();
  int64_t depth_of(int64_t query) const;
  size_t block_size(std::span<const int64_t> rest) const;
  void rank_block(std::span<const int64_t> block, Workspace& w);
  void score_tile(std::span<const int64_t> block, Workspace& w, int64_t first, int64_t n) const;
  void sieve_tile(std::span<const int64_t> block, Workspace& w, int64_t first, int64_t n) const;
  void offer_found(int64_t query, std::span<const uint16_t> found, int64_t first, TopRanker& ranker) const;
  void finish(std::span<const int64_t> block, Workspace& w);

  VectorSet queries_, gallery_;
  const RetrievalOptions& options_;
  const ScoreKernel& kernel_;
  const ByteSieve* sieve_;
  const Truth& truth_;
  const std::vector<MetricVariant> variants_;
  int64_t tile_ = 0, block_queries_ = 0;
  int threads_ = 1;
  uint64_t block_bytes_ = 0;
  bool keep_packed_ = false;  ///< the sieve's gallery is packed once, not once a block
  ByteGallery bytes_;
  std::vector<QueryResult> results_;
  QueryBlocks blocks_;
};

}  // namespace winnow
