#include "src/evaluation/retrieval.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <mutex>

#include "src/core/error.h"
#include "src/core/parallel.h"
#include "src/evaluation/bootstrap.h"
#include "src/evaluation/rank_counter.h"
#include "src/evaluation/ranked_metrics.h"
#include "src/evaluation/relevance.h"
#include "src/evaluation/score_kernel.h"

namespace winnow {
namespace {

void check_set(const VectorSet& set, const std::string& name) {
  const auto rows = static_cast<size_t>(set.rows);
  if (set.rows < 1 || set.dim < 1 || set.vectors.size() != rows * static_cast<size_t>(set.dim) ||
      set.labels.size() != rows || set.ids.size() != rows)
    throw Error(ErrorCode::kShape, "[evaluation] " + name + " must hold rows x dim vectors, rows labels and rows ids, " +
                                       "rows and dim at least 1; given " + std::to_string(set.rows) + " x " +
                                       std::to_string(set.dim) + " with " + std::to_string(set.vectors.size()) +
                                       " values, " + std::to_string(set.labels.size()) + " labels, " +
                                       std::to_string(set.ids.size()) + " ids");
  for (int64_t row = 0; row < set.rows; ++row) {
    float sum = 0;
    for (const float v : set.vectors.subspan(static_cast<size_t>(row * set.dim), static_cast<size_t>(set.dim)))
      sum += v * v;
    if (!std::isfinite(sum))
      throw Error(ErrorCode::kNumeric, "[evaluation] vectors must be finite, but row " + std::to_string(row) + " of " +
                                           name + " holds a NaN, an infinite or a huge value");
  }
}

void check_inputs(const VectorSet& queries, const VectorSet& gallery, const RetrievalOptions& options) {
  check_set(queries, "queries");
  check_set(gallery, "gallery");
  if (queries.dim != gallery.dim)
    throw Error(ErrorCode::kShape, "[evaluation] queries and gallery must have the same dimension, given " +
                                       std::to_string(queries.dim) + " and " + std::to_string(gallery.dim));
  for (const int64_t k : options.ks)
    if (k < 1) throw Error(ErrorCode::kShape, "[evaluation] every k must be at least 1, given " + std::to_string(k));
}

/// Sizes that keep `threads` workspaces within the memory asked for. They never show in the result.
struct Plan {
  int64_t gallery_tile, block_queries;
  uint64_t block_bytes;
  int threads;
};

Plan make_plan(const RetrievalOptions& options, int64_t dim, int64_t queries, int rows) {
  Plan plan;
  plan.threads = static_cast<int>(std::clamp<int64_t>(thread_count(), 1, queries));
  const auto budget = static_cast<int64_t>(options.memory / static_cast<uint64_t>(plan.threads));
  const int64_t row_bytes = 4 * (dim + rows);
  // About 1 MiB of packed gallery: it stays in the second-level cache while the queries pass over it.
  plan.gallery_tile = std::min((int64_t{1} << 20) / row_bytes, budget / (4 * row_bytes));
  plan.gallery_tile = std::clamp<int64_t>(plan.gallery_tile / kPanel * kPanel, kPanel, 2048);
  plan.block_bytes = static_cast<uint64_t>(std::max<int64_t>(budget - plan.gallery_tile * row_bytes, 0));
  plan.block_queries = std::clamp<int64_t>((queries + plan.threads - 1) / plan.threads, 1, 128);
  return plan;
}

/// Everything the threads add to; sums of integers, so that the order of blocks does not show.
struct Totals {
  std::vector<int64_t> positive_histogram = std::vector<int64_t>(100), negative_histogram = std::vector<int64_t>(100);
  std::array<int64_t, kRecallLevels> precision{};
  __int128 positive_sum = 0, negative_sum = 0;
  int64_t positives = 0, negatives = 0, ties = 0, finished = 0;
};

class Evaluation {
 public:
  Evaluation(const VectorSet& queries, const VectorSet& gallery, const RetrievalOptions& options,
             const std::function<void(int64_t)>& on_progress)
      : queries_(queries),
        gallery_(gallery),
        options_(options),
        on_progress_(on_progress),
        kernel_(best_score_kernel()),
        relevance_(queries, gallery, options.same_set),
        results_(static_cast<size_t>(queries.rows)) {
    if (relevance_.order().empty())
      throw Error(ErrorCode::kData, "[evaluation] at least one query needs a relevant gallery item (an equal label), but "
                                    "none of the " + std::to_string(queries.rows) + " queries has one");
    plan_ = make_plan(options, queries.dim, static_cast<int64_t>(relevance_.order().size()), kernel_.rows);
  }

  void run() {
    parallel_for(plan_.threads, [this](int64_t begin, int64_t end) {
      for (int64_t worker = begin; worker < end; ++worker) work();
    }, plan_.threads);
  }
  RetrievalResult result();

 private:
  struct Workspace {
    std::vector<RankCounter> counters;
    std::vector<std::vector<RankCounter::Relevant>> relevant;
    std::vector<float> packed_queries, packed_gallery, scores;
  };

  std::span<const int64_t> next_block();
  void work();
  void find_relevant(std::span<const int64_t> block, Workspace& w);
  void score_relevant(std::span<const int64_t> same_label, Workspace& w, size_t first);
  void pack_queries(std::span<const int64_t> block, Workspace& w) const;
  void score_tile(const Workspace& w, size_t group, int64_t n, std::vector<float>& scores) const;
  void stream_gallery(std::span<const int64_t> block, Workspace& w);
  void finish(std::span<const int64_t> block, Workspace& w);

  VectorSet queries_, gallery_;
  const RetrievalOptions& options_;
  const std::function<void(int64_t)>& on_progress_;
  const ScoreKernel& kernel_;
  Relevance relevance_;
  Plan plan_{};
  std::vector<QueryResult> results_;  ///< by query row
  Totals totals_;
  std::mutex mutex_;
  int64_t next_ = 0;
  std::atomic<bool> failed_{false};
};

std::span<const int64_t> Evaluation::next_block() {
  const std::lock_guard lock(mutex_);
  const std::span<const int64_t> order(relevance_.order());
  const auto begin = static_cast<size_t>(next_);
  size_t size = 0;
  uint64_t bytes = 0;
  while (begin + size < order.size() && size < static_cast<size_t>(plan_.block_queries)) {
    bytes += RankCounter::bytes(relevance_.count(order[begin + size])) + static_cast<uint64_t>(queries_.dim) * 4;
    if (size > 0 && bytes > plan_.block_bytes) break;
    ++size;
  }
  next_ += static_cast<int64_t>(size);
  return order.subspan(begin, size);
}

void Evaluation::work() {
  Workspace w;
  try {
    for (auto block = next_block(); !block.empty() && !failed_; block = next_block()) {
      w.counters.resize(std::max(w.counters.size(), block.size()));
      w.relevant.resize(block.size());
      find_relevant(block, w);
      stream_gallery(block, w);
      finish(block, w);
    }
  } catch (...) {
    failed_ = true;
    throw;
  }
}

void Evaluation::pack_queries(std::span<const int64_t> block, Workspace& w) const {
  const auto rows = static_cast<size_t>(kernel_.rows), dim = static_cast<size_t>(queries_.dim);
  w.packed_queries.assign((block.size() + rows - 1) / rows * rows * dim, 0.0f);
  for (size_t i = 0; i < block.size(); ++i) {
    const float* source = queries_.vectors.data() + static_cast<size_t>(block[i]) * dim;
    float* out = w.packed_queries.data() + i / rows * rows * dim + i % rows;
    for (size_t k = 0; k < dim; ++k) out[k * rows] = source[k];
  }
}

/// Scores of one group of kernel_.rows packed queries against the n packed gallery vectors.
void Evaluation::score_tile(const Workspace& w, size_t group, int64_t n, std::vector<float>& scores) const {
  const auto rows = static_cast<size_t>(kernel_.rows), dim = static_cast<size_t>(queries_.dim);
  kernel_.tile(w.packed_queries.data() + group * rows * dim, w.packed_gallery.data(), queries_.dim,
               (n + kPanel - 1) / kPanel, scores.data(), plan_.gallery_tile);
}

void Evaluation::find_relevant(std::span<const int64_t> block, Workspace& w) {
  w.packed_gallery.resize(static_cast<size_t>(plan_.gallery_tile * queries_.dim));
  w.scores.resize(static_cast<size_t>(plan_.gallery_tile * kernel_.rows));
  for (size_t i = 0; i < block.size();) {
    size_t end = i + 1;
    while (end < block.size() && queries_.labels[block[end]] == queries_.labels[block[i]]) ++end;
    score_relevant(block.subspan(i, end - i), w, i);
    i = end;
  }
}

void Evaluation::score_relevant(std::span<const int64_t> same_label, Workspace& w, size_t first) {
  pack_queries(same_label, w);
  const auto rows = relevance_.rows(same_label[0]);
  const auto per_group = static_cast<size_t>(kernel_.rows);
  for (size_t i = 0; i < same_label.size(); ++i) w.relevant[first + i].clear();
  for (size_t t = 0; t < rows.size(); t += static_cast<size_t>(plan_.gallery_tile)) {
    const auto n = std::min(rows.size() - t, static_cast<size_t>(plan_.gallery_tile));
    pack_panels(gallery_.vectors.data(), gallery_.dim, rows.data() + t, 0, static_cast<int64_t>(n),
                w.packed_gallery.data());
    for (size_t q = 0; q < same_label.size(); ++q) {
      if (q % per_group == 0) score_tile(w, q / per_group, static_cast<int64_t>(n), w.scores);
      const float* scores = w.scores.data() + q % per_group * static_cast<size_t>(plan_.gallery_tile);
      const int64_t self = relevance_.self_row(same_label[q]);
      for (size_t j = 0; j < n; ++j)
        if (rows[t + j] != self) w.relevant[first + q].push_back({scores[j], rows[t + j]});
    }
  }
  for (size_t i = 0; i < same_label.size(); ++i)
    w.counters[first + i].start(gallery_, kernel_, queries_.labels[same_label[i]], relevance_.self_row(same_label[i]),
                                w.relevant[first + i], options_.keep_hits);
}

void Evaluation::stream_gallery(std::span<const int64_t> block, Workspace& w) {
  pack_queries(block, w);
  const auto per_group = static_cast<size_t>(kernel_.rows);
  for (int64_t t = 0; t < gallery_.rows && !failed_; t += plan_.gallery_tile) {
    const int64_t n = std::min(plan_.gallery_tile, gallery_.rows - t);
    pack_panels(gallery_.vectors.data(), gallery_.dim, nullptr, t, n, w.packed_gallery.data());
    for (size_t q = 0; q < block.size(); ++q) {
      if (q % per_group == 0) score_tile(w, q / per_group, n, w.scores);
      w.counters[q].add(w.scores.data() + q % per_group * static_cast<size_t>(plan_.gallery_tile), t, n);
    }
  }
}

void Evaluation::finish(std::span<const int64_t> block, Workspace& w) {
  const std::lock_guard lock(mutex_);
  if (failed_) return;
  for (size_t i = 0; i < block.size(); ++i) {
    auto& counter = w.counters[i];
    auto& out = results_[static_cast<size_t>(block[i])];
    const auto list = counter.ranking();
    score_list(list, options_.ties, options_.ks, out);
    out.query_row = block[i];
    out.top = counter.top();
    out.best_relevant = counter.best_relevant();
    counter.add_histograms(totals_.positive_histogram, totals_.negative_histogram);
    add_precision_at_recall(list.ranks, totals_.precision);
    totals_.positive_sum += counter.positive_sum();
    totals_.negative_sum += counter.negative_sum();
    totals_.positives += out.relevant;
    totals_.negatives += counter.negatives();
    totals_.ties += list.tied() ? 1 : 0;
  }
  totals_.finished += static_cast<int64_t>(block.size());
  if (on_progress_) on_progress_(totals_.finished);
}

double mean_of(__int128 sum, int64_t count) {
  return count == 0 ? 0.0 : static_cast<double>(sum) / kFixedUnit / static_cast<double>(count);
}

void summarise(const RetrievalOptions& options, RetrievalResult& out) {
  const auto names = metric_names(options.ks);
  const auto columns = static_cast<int64_t>(names.size());
  std::vector<double> values;
  values.reserve(out.queries.size() * names.size());
  for (const auto& q : out.queries) {
    const auto row = metric_values(q);
    values.insert(values.end(), row.begin(), row.end());
  }
  std::vector<Interval> intervals;
  if (options.bootstrap > 0) intervals = bootstrap_means(values, columns, options.bootstrap, options.seed);
  for (int64_t c = 0; c < columns; ++c) {
    double sum = 0;
    for (size_t i = static_cast<size_t>(c); i < values.size(); i += names.size()) sum += values[i];
    out.metrics[names[c]] = sum / static_cast<double>(out.queries.size());
    if (!intervals.empty()) out.intervals[names[c]] = intervals[c];
  }
}

RetrievalResult Evaluation::result() {
  RetrievalResult out;
  out.excluded_rows = relevance_.excluded();
  out.excluded = static_cast<int64_t>(out.excluded_rows.size());
  auto kept = relevance_.order();
  std::sort(kept.begin(), kept.end());
  out.queries.reserve(kept.size());
  for (const int64_t row : kept) out.queries.push_back(std::move(results_[static_cast<size_t>(row)]));
  out.ties = totals_.ties;
  out.mean_positive = mean_of(totals_.positive_sum, totals_.positives);
  out.mean_negative = mean_of(totals_.negative_sum, totals_.negatives);
  out.positive_histogram = totals_.positive_histogram;
  out.negative_histogram = totals_.negative_histogram;
  for (int level = 0; level < kRecallLevels; ++level)
    out.precision_at_recall[level] =
        static_cast<double>(totals_.precision[level]) / kPrecisionUnit / static_cast<double>(kept.size());
  summarise(options_, out);
  return out;
}

}  // namespace

RetrievalResult evaluate_retrieval(const VectorSet& queries, const VectorSet& gallery, const RetrievalOptions& options,
                                   const std::function<void(int64_t)>& on_progress) {
  const auto begin = std::chrono::steady_clock::now();
  check_inputs(queries, gallery, options);
  Evaluation evaluation(queries, gallery, options, on_progress);
  evaluation.run();
  auto out = evaluation.result();
  out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return out;
}

}  // namespace winnow
