#include "src/evaluation/gallery_pass.h"

#include <algorithm>
#include <string>

#include "src/core/error.h"
#include "src/core/parallel.h"
#include "src/evaluation/ranked_metrics.h"

namespace winnow {
namespace {

constexpr int64_t kMostKeptCandidates = 16384, kMostBlock = 128;

}  // namespace

GalleryPass::GalleryPass(const VectorSet& queries, const VectorSet& gallery, const Truth& truth,
                         const RetrievalOptions& options, const std::function<void(int64_t)>& on_progress)
    : queries_(queries),
      gallery_(gallery),
      options_(options),
      kernel_(best_score_kernel()),
      truth_(truth),
      variants_(parse_metrics(options.metrics)),
      results_(static_cast<size_t>(queries.rows)),
      blocks_(truth.order(), on_progress) {
  if (truth_.order().empty())
    throw Error(ErrorCode::kData, "[evaluation] at least one query needs a relevant gallery item, but none of the " +
                                      std::to_string(queries.rows) + " queries has one");
  make_plan();
}

void GalleryPass::make_plan() {
  const auto queries = static_cast<int64_t>(truth_.order().size());
  plan_.threads = static_cast<int>(std::clamp<int64_t>(thread_count(), 1, queries));
  const auto panels = static_cast<uint64_t>((gallery_.rows + kPanel - 1) / kPanel);
  const uint64_t packed = panels * kPanel * static_cast<uint64_t>(gallery_.dim) * 4;
  const uint64_t results = result_bytes(queries_.rows, gallery_.rows, options_);
  const uint64_t tiles = options_.memory > results ? options_.memory - results : 0;
  plan_.keep_packed = packed <= tiles / 2;
  const uint64_t rest = tiles - (plan_.keep_packed ? packed : 0);
  const auto budget = static_cast<int64_t>(rest / static_cast<uint64_t>(plan_.threads));
  const int64_t row_bytes = 4 * (queries_.dim + kernel_.rows);
  // A quarter of a second-level cache: it stays there while the queries of a block pass over it.
  const int64_t rows = std::min((int64_t{1} << 18) / row_bytes, budget / (4 * row_bytes));
  plan_.gallery_tile = std::clamp<int64_t>(rows / kPanel * kPanel, kPanel, 2048);
  plan_.kept_candidates = std::min(kMostKeptCandidates, budget / (4 * 4 * queries_.dim)) / kPanel * kPanel;
  const int64_t buffers = plan_.gallery_tile * row_bytes + plan_.kept_candidates * 4 * queries_.dim;
  plan_.block_bytes = static_cast<uint64_t>(std::max<int64_t>(budget - buffers, 0));
  plan_.block_queries = std::clamp<int64_t>((queries + plan_.threads - 1) / plan_.threads, 1, kMostBlock);
}

uint64_t result_bytes(int64_t queries, int64_t gallery, const RetrievalOptions& options) {
  const uint64_t columns = 5 + 2 * options.ks.size() + options.metrics.size();
  const uint64_t a_query = sizeof(QueryResult) + columns * 16 + static_cast<uint64_t>(options.keep_hits) * 16 + 96;
  const uint64_t resampled = static_cast<uint64_t>(options.bootstrap) * columns * 16;
  // Both the pass and the result hold a QueryResult; ground truth by label takes about 40 bytes a row.
  return static_cast<uint64_t>(queries) * (a_query + sizeof(QueryResult) + 40) + static_cast<uint64_t>(gallery) * 40 +
         resampled;
}

uint64_t GalleryPass::memory(const VectorSet& queries, const VectorSet& gallery, const Truth& truth,
                             const RetrievalOptions& options) {
  constexpr uint64_t kLeastTiles = uint64_t{16} << 20;
  uint64_t counter = 0;
  for (const int64_t query : truth.order())
    counter = std::max(counter, RankCounter::bytes(truth.relevant(query), truth.candidate_count(query)));
  const uint64_t results = result_bytes(queries.rows, gallery.rows, options);
  const uint64_t packed = static_cast<uint64_t>(gallery.rows + kPanel) * static_cast<uint64_t>(gallery.dim) * 4;
  const uint64_t block = kMostBlock * counter + kLeastTiles;
  const uint64_t all = results + packed + block * static_cast<uint64_t>(std::max(thread_count(), 1));
  return std::max(results + kLeastTiles, std::min(all, options.memory));
}

void GalleryPass::pack_gallery() {
  const int64_t panel = kPanel * gallery_.dim, panels = (gallery_.rows + kPanel - 1) / kPanel;
  packed_gallery_.resize(static_cast<size_t>(panels * panel));
  parallel_for(
      panels,
      [&](int64_t begin, int64_t end) {
        pack_panels(gallery_.vectors.data(), gallery_.dim, nullptr, begin * kPanel,
                    std::min(end * kPanel, gallery_.rows) - begin * kPanel, packed_gallery_.data() + begin * panel);
      },
      plan_.threads);
}

void GalleryPass::run() {
  if (plan_.keep_packed) pack_gallery();
  blocks_.run<Workspace>(
      plan_.threads, [this](std::span<const int64_t> rest) { return block_size(rest); },
      [this](std::span<const int64_t> block, Workspace& w) {
        w.counters.resize(std::max(w.counters.size(), block.size()));
        w.relevant.resize(block.size());
        w.ignored.resize(block.size());
        find_candidates(block, w);
        stream_gallery(block, w);
        finish(block, w);
      });
}

size_t GalleryPass::block_size(std::span<const int64_t> rest) const {
  size_t size = 0;
  constexpr uint64_t kCache = uint64_t{1} << 20;
  uint64_t bytes = 0, hot = 0;
  while (size < rest.size() && size < static_cast<size_t>(plan_.block_queries)) {
    const int64_t query = rest[size];
    bytes += RankCounter::bytes(truth_.relevant(query), truth_.candidate_count(query)) +
             static_cast<uint64_t>(queries_.dim) * 4;
    if (size > 0 && bytes > plan_.block_bytes) break;
    hot += RankCounter::hot_bytes(truth_.relevant(query));
    if (plan_.keep_packed && size >= static_cast<size_t>(kernel_.rows) && hot > kCache) break;
    ++size;
  }
  return whole_calls(size, rest.size(), kernel_.rows);
}

/// Scores of one group of kernel_.rows packed queries against the n packed gallery vectors.
void GalleryPass::score_tile(const Workspace& w, const float* panels, size_t group, int64_t n,
                             std::vector<float>& scores) const {
  const auto rows = static_cast<size_t>(kernel_.rows), dim = static_cast<size_t>(queries_.dim);
  kernel_.tile(w.packed_queries.data() + group * rows * dim, panels, queries_.dim, (n + kPanel - 1) / kPanel,
               scores.data(), plan_.gallery_tile);
}

void GalleryPass::find_candidates(std::span<const int64_t> block, Workspace& w) {
  w.packed_gallery.resize(static_cast<size_t>(plan_.gallery_tile * queries_.dim));
  w.scores.resize(static_cast<size_t>(plan_.gallery_tile * kernel_.rows));
  for (size_t i = 0; i < block.size();) {
    size_t end = i + 1;
    while (end < block.size() && truth_.group(block[end]) == truth_.group(block[i])) ++end;
    score_candidates(block.subspan(i, end - i), w, i);
    i = end;
  }
}

/// The candidates of a query's group, packed where they are few enough to stay.
void GalleryPass::take_candidates(int64_t query, Workspace& w) const {
  if (w.has_candidates && w.candidates_of == truth_.group(query)) return;
  truth_.candidates(query, w.candidates);
  w.has_candidates = true;
  w.candidates_of = truth_.group(query);
  const auto count = static_cast<int64_t>(w.candidates.size());
  w.kept = count <= plan_.kept_candidates;
  if (!w.kept) return;
  w.packed_candidates.resize(static_cast<size_t>((count + kPanel - 1) / kPanel * kPanel * gallery_.dim));
  pack_panels(gallery_.vectors.data(), gallery_.dim, w.candidates.data(), 0, count, w.packed_candidates.data());
}

void GalleryPass::score_candidates(std::span<const int64_t> group, Workspace& w, size_t first) {
  pack_queries(queries_.vectors.data(), queries_.dim, group, kernel_.rows, w.packed_queries);
  take_candidates(group[0], w);
  const std::span<const int64_t> rows(w.candidates);
  const auto per_group = static_cast<size_t>(kernel_.rows);
  for (size_t i = first; i < first + group.size(); ++i) {
    w.relevant[i].clear();
    w.ignored[i].clear();
  }
  for (size_t t = 0; t < rows.size(); t += static_cast<size_t>(plan_.gallery_tile)) {
    const auto n = std::min(rows.size() - t, static_cast<size_t>(plan_.gallery_tile));
    const float* panels = w.packed_gallery.data();
    if (w.kept)
      panels = w.packed_candidates.data() + t * static_cast<size_t>(gallery_.dim);
    else
      pack_panels(gallery_.vectors.data(), gallery_.dim, rows.data() + t, 0, static_cast<int64_t>(n),
                  w.packed_gallery.data());
    for (size_t q = 0; q < group.size(); ++q) {
      if (q % per_group == 0) score_tile(w, panels, q / per_group, static_cast<int64_t>(n), w.scores);
      const float* scores = w.scores.data() + q % per_group * static_cast<size_t>(plan_.gallery_tile);
      truth_.roles(group[q], rows.subspan(t, n), w.roles);
      for (size_t j = 0; j < n; ++j) {
        if (w.roles[j] == Role::kOther) continue;
        (w.roles[j] == Role::kRelevant ? w.relevant : w.ignored)[first + q].push_back({scores[j], rows[t + j]});
      }
    }
  }
  for (size_t i = 0; i < group.size(); ++i)
    w.counters[first + i].start(gallery_, kernel_, truth_, group[i], w.relevant[first + i], w.ignored[first + i],
                                options_.keep_hits);
}

void GalleryPass::stream_gallery(std::span<const int64_t> block, Workspace& w) {
  pack_queries(queries_.vectors.data(), queries_.dim, block, kernel_.rows, w.packed_queries);
  const auto per_group = static_cast<size_t>(kernel_.rows);
  for (int64_t t = 0; t < gallery_.rows && !blocks_.failed(); t += plan_.gallery_tile) {
    const int64_t n = std::min(plan_.gallery_tile, gallery_.rows - t);
    const float* panels = w.packed_gallery.data();
    if (plan_.keep_packed)
      panels = packed_gallery_.data() + t * gallery_.dim;
    else
      pack_panels(gallery_.vectors.data(), gallery_.dim, nullptr, t, n, w.packed_gallery.data());
    for (size_t q = 0; q < block.size(); ++q) {
      if (q % per_group == 0) score_tile(w, panels, q / per_group, n, w.scores);
      w.counters[q].add(w.scores.data() + q % per_group * static_cast<size_t>(plan_.gallery_tile), t, n);
    }
  }
}

void GalleryPass::finish(std::span<const int64_t> block, Workspace& w) {
  PassTotals part;
  for (size_t i = 0; i < block.size(); ++i) {
    auto& counter = w.counters[i];
    auto& out = results_[static_cast<size_t>(block[i])];
    counter.ranking(w.list);
    const RankedList& list = w.list;
    score_list(list, options_.ties, options_.ks, out);
    for (const auto& variant : variants_) out.extra.push_back(variant.value(list, options_.ties));
    out.query_row = block[i];
    out.ignored = static_cast<int64_t>(w.ignored[i].size());
    out.top = counter.top();
    out.best_relevant = counter.best_relevant();
    counter.add_histograms(part.positive_histogram, part.negative_histogram);
    add_precision_at_recall(list.ranks, part.precision);
    part.positive_sum += counter.positive_sum();
    part.negative_sum += counter.negative_sum();
    part.positives += out.relevant;
    part.negatives += counter.negatives();
    part.ties += list.tied() ? 1 : 0;
  }
  blocks_.finish(block, [&] { totals_.add(part); });
}

void PassTotals::add(const PassTotals& other) {
  for (size_t b = 0; b < positive_histogram.size(); ++b) {
    positive_histogram[b] += other.positive_histogram[b];
    negative_histogram[b] += other.negative_histogram[b];
  }
  for (size_t level = 0; level < precision.size(); ++level) precision[level] += other.precision[level];
  positive_sum += other.positive_sum;
  negative_sum += other.negative_sum;
  positives += other.positives;
  negatives += other.negatives;
  ties += other.ties;
}

}  // namespace winnow
