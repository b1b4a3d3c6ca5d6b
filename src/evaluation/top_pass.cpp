#include "src/evaluation/top_pass.h"

#include <algorithm>

#include "src/core/parallel.h"
#include "src/evaluation/gallery_pass.h"

namespace winnow {
namespace {

constexpr int64_t kTile = 2048, kMostQueries = 128;

/// Most ranks that a metric looks at for a query of `relevant` relevant items, -1 = all of them.
int64_t deepest(const std::vector<MetricVariant>& variants, int64_t keep_hits, int64_t relevant) {
  int64_t depth = std::max<int64_t>(keep_hits, 1);
  for (const auto& variant : variants) {
    const int64_t one = variant.depth(relevant);
    if (one < 0) return -1;
    depth = std::max(depth, one);
  }
  return depth;
}

/// The same for the query with most relevant items.
int64_t deepest(const Truth& truth, const RetrievalOptions& options) {
  int64_t most = 0;
  for (const int64_t query : truth.order()) most = std::max(most, truth.relevant(query));
  return deepest(parse_metrics(options.metrics), options.keep_hits, most);
}

}  // namespace

bool TopPass::serves(const Truth& truth, const VectorSet& gallery, const RetrievalOptions& options) {
  if (!options.only_metrics || options.ties != TieRule::kId || truth.order().empty()) return false;
  const int64_t depth = deepest(truth, options);
  return depth > 0 && depth <= gallery.rows / 4;
}

uint64_t TopPass::memory(const VectorSet& queries, const VectorSet& gallery, const Truth& truth,
                         const RetrievalOptions& options) {
  const auto dim = static_cast<uint64_t>(gallery.dim);
  const uint64_t results = result_bytes(queries.rows, gallery.rows, options);
  const uint64_t block =
      kMostQueries * (TopRanker::bytes(deepest(truth, options)) + dim * 5) + 2 * kTile * (dim + 16) * 4;
  const uint64_t all = results + ByteGallery::bytes(gallery.rows, gallery.dim) +
                       block * static_cast<uint64_t>(std::max(thread_count(), 1));
  constexpr uint64_t kLeastTiles = uint64_t{16} << 20;
  return std::max(results + kLeastTiles, std::min(all, options.memory));
}

TopPass::TopPass(const VectorSet& queries, const VectorSet& gallery, const Truth& truth,
                 const RetrievalOptions& options, const std::function<void(int64_t)>& on_progress)
    : queries_(queries),
      gallery_(gallery),
      options_(options),
      kernel_(best_score_kernel()),
      sieve_(options.sieve ? byte_sieve() : nullptr),
      truth_(truth),
      variants_(parse_metrics(options.metrics)),
      results_(static_cast<size_t>(queries.rows)),
      blocks_(truth.order(), on_progress) {
  const auto asked = static_cast<int64_t>(truth_.order().size());
  threads_ = static_cast<int>(std::clamp<int64_t>(thread_count(), 1, asked));
  const uint64_t results = result_bytes(queries_.rows, gallery_.rows, options_);
  uint64_t rest = options_.memory > results ? options_.memory - results : 0;
  const uint64_t packed = ByteGallery::bytes(gallery_.rows, gallery_.dim);
  keep_packed_ = sieve_ != nullptr && packed <= rest / 2;
  if (keep_packed_) rest -= packed;
  const auto budget = static_cast<int64_t>(rest / static_cast<uint64_t>(threads_));
  // Half a second-level cache of floats, or an eighth of bytes: a tile stays there while the queries pass over it.
  const int64_t row_bytes = 4 * (queries_.dim + kernel_.rows);
  tile_ = std::clamp<int64_t>(std::min((int64_t{1} << 20) / row_bytes, budget / (4 * row_bytes)) / kPanel * kPanel,
                              kPanel, kTile);
  block_bytes_ = static_cast<uint64_t>(std::max<int64_t>(budget - 2 * tile_ * row_bytes, 0));
  block_queries_ = std::clamp<int64_t>((asked + threads_ - 1) / threads_, 1, kMostQueries);
}

int64_t TopPass::depth_of(int64_t query) const {
  return std::min(deepest(variants_, options_.keep_hits, truth_.relevant(query)), gallery_.rows);
}

void TopPass::pack_gallery() {
  bytes_.resize(gallery_.rows, gallery_.dim);
  parallel_for((gallery_.rows + kPanel - 1) / kPanel,
               [&](int64_t begin, int64_t end) {
                 const int64_t first = begin * kPanel, last = std::min(end * kPanel, gallery_.rows);
                 bytes_.pack(gallery_.vectors.data() + first * gallery_.dim, first, last - first);
               },
               threads_);
}

void TopPass::run() {
  if (keep_packed_) pack_gallery();
  blocks_.run<Workspace>(
      threads_, [this](std::span<const int64_t> rest) { return block_size(rest); },
      [this](std::span<const int64_t> block, Workspace& w) {
        rank_block(block, w);
        finish(block, w);
      });
}

size_t TopPass::block_size(std::span<const int64_t> rest) const {
  size_t size = 0;
  uint64_t bytes = 0;
  for (; size < rest.size() && size < static_cast<size_t>(block_queries_); ++size) {
    bytes += TopRanker::bytes(depth_of(rest[size])) + static_cast<uint64_t>(queries_.dim) * 5;
    if (size > 0 && bytes > block_bytes_) break;
  }
  return whole_calls(size, rest.size(), kernel_.rows);
}

/// The first tile gives each query a bound; whoever lies under it later is not scored.
void TopPass::rank_block(std::span<const int64_t> block, Workspace& w) {
  w.rankers.resize(std::max(w.rankers.size(), block.size()));
  for (size_t i = 0; i < block.size(); ++i) w.rankers[i].start(gallery_, truth_, block[i], depth_of(block[i]));
  pack_queries(queries_.vectors.data(), queries_.dim, block, kernel_.rows, w.packed_queries);
  if (sieve_) w.bytes.pack(queries_.vectors.data(), block, queries_.dim, sieve_->rows);
  for (int64_t t = 0; t < gallery_.rows && !blocks_.failed(); t += tile_) {
    const int64_t n = std::min(tile_, gallery_.rows - t);
    if (sieve_ && t > 0)
      sieve_tile(block, w, t, n);
    else
      score_tile(block, w, t, n);
  }
}

void TopPass::score_tile(std::span<const int64_t> block, Workspace& w, int64_t first, int64_t n) const {
  const auto rows = static_cast<size_t>(kernel_.rows), dim = static_cast<size_t>(queries_.dim);
  w.packed_gallery.resize(static_cast<size_t>(tile_) * dim);
  w.scores.resize(static_cast<size_t>(tile_) * rows);
  pack_panels(gallery_.vectors.data(), gallery_.dim, nullptr, first, n, w.packed_gallery.data());
  for (size_t q = 0; q < block.size(); ++q) {
    if (q % rows == 0)
      kernel_.tile(w.packed_queries.data() + q * dim, w.packed_gallery.data(), queries_.dim, (n + kPanel - 1) / kPanel,
                   w.scores.data(), tile_);
    const float* scores = w.scores.data() + q % rows * static_cast<size_t>(tile_);
    auto& ranker = w.rankers[q];
    constexpr int64_t kStep = 64;
    for (int64_t at = 0; at < n; at += kStep) {
      const int64_t end = std::min(at + kStep, n);
      if (kernel_.count_at_least(scores + at, end - at, ranker.bound()) == 0) continue;
      for (int64_t i = at; i < end; ++i) ranker.offer(scores[i], first + i);
    }
  }
}

void TopPass::sieve_tile(std::span<const int64_t> block, Workspace& w, int64_t first, int64_t n) const {
  const auto rows = static_cast<size_t>(sieve_->rows);
  const int64_t stride = tile_ + kPanel;
  w.limits.resize(rows);
  w.counts.resize(rows);
  w.found.resize(rows * static_cast<size_t>(stride));
  const ByteGallery& packed = keep_packed_ ? bytes_ : w.gallery;
  const int64_t at = keep_packed_ ? first : 0;
  if (!keep_packed_) {
    w.gallery.resize(n, gallery_.dim);
    w.gallery.pack(gallery_.vectors.data() + first * gallery_.dim, 0, n);
  }
  for (size_t q = 0; q < block.size(); q += rows) {
    const size_t size = std::min(rows, block.size() - q);
    w.limits.assign(rows, ByteLimits{0, 0, 0, std::numeric_limits<float>::infinity()});
    for (size_t i = 0; i < size; ++i) w.limits[i] = w.bytes.limits(q + i, w.rankers[q + i].bound());
    sieve_->find(w.bytes.call(q / rows), packed.panel(at), packed.quads(), (n + kPanel - 1) / kPanel,
                 packed.columns(at), w.limits.data(), w.found.data(), stride, w.counts.data());
    for (size_t i = 0; i < size; ++i)
      offer_found(block[q + i], std::span(w.found).subspan(i * static_cast<size_t>(stride), w.counts[i]), first,
                  w.rankers[q + i]);
  }
}

/// Scores the found vectors exactly, kPairs at a time.
void TopPass::offer_found(int64_t query, std::span<const uint16_t> found, int64_t first, TopRanker& ranker) const {
  const float* vector = queries_.vectors.data() + query * queries_.dim;
  for (size_t i = 0; i < found.size(); i += kPairs) {
    const size_t size = std::min<size_t>(kPairs, found.size() - i);
    const float* rows[kPairs];
    float scores[kPairs];
    for (size_t j = 0; j < kPairs; ++j)
      rows[j] = gallery_.vectors.data() + (first + found[i + std::min(j, size - 1)]) * gallery_.dim;
    kernel_.pairs(vector, rows, queries_.dim, scores);
    for (size_t j = 0; j < size; ++j) ranker.offer(scores[j], first + found[i + j]);
  }
}

void TopPass::finish(std::span<const int64_t> block, Workspace& w) {
  for (size_t i = 0; i < block.size(); ++i) {
    auto& ranker = w.rankers[i];
    auto& out = results_[static_cast<size_t>(block[i])];
    ranker.ranking(w.list);
    out.query_row = block[i];
    out.relevant = static_cast<int64_t>(w.list.ranks.size());
    out.best_relevant = ranker.best_relevant();
    out.first_rank = out.best_relevant.gallery_row < 0 ? -1 : w.list.ranks[0];
    for (const auto& variant : variants_) out.extra.push_back(variant.value(w.list, options_.ties));
    const auto top = ranker.top(options_.keep_hits);
    out.top.assign(top.begin(), top.end());
  }
  blocks_.finish(block, [] {});
}

}  // namespace winnow
