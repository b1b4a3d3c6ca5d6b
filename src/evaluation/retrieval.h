#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace winnow {

/// Vectors of one side: float32 [rows, dim], row-major, unit length.
struct VectorSet {
  std::span<const float> vectors;
  int64_t rows = 0, dim = 0;
  std::span<const int64_t> labels;  ///< [rows]; negative = no label (never relevant)
  std::span<const int64_t> ids;     ///< [rows]; decide ties and self-matches; unique in a gallery
};

/// How items with exactly equal scores are ordered. kExpected is the mean over all orders, in closed form.
enum class TieRule { kId, kExpected, kOptimistic, kPessimistic };

/// What is taken out of a query's ranking besides the query itself. Values are per row; negative = none; both sides or
/// neither.
struct Masks {
  std::span<const int64_t> query_camera, gallery_camera;      ///< same label and same camera (re-identification)
  std::span<const int64_t> query_sequence, gallery_sequence;  ///< same sequence, whatever the label
};

/// Queries without a relevant item: left out of the means, counted as 0, or an error.
enum class InvalidQuery { kSkip, kZero, kError };
/// Means over queries, or over classes of the mean of each class.
enum class Average { kQuery, kClass };

struct RetrievalOptions {
  std::vector<int64_t> ks = {1, 5, 10};
  bool same_set = false;                ///< query set = gallery: the row with the query's own id is removed
  TieRule ties = TieRule::kId;          ///< kId = (score desc, id asc)
  int64_t keep_hits = 10;               ///< best hits kept for reports
  uint64_t memory = uint64_t{2} << 30;  ///< bytes above the vectors, for results and tiles; never shows in the result
  int64_t bootstrap = 1000;             ///< resamples for the 95 % intervals; 0 = none
  uint64_t seed = 1;
  std::vector<std::string> metrics = {};  ///< further variants by name (metric_variant.h), such as "map@100.gldv2"
  /// Nothing but `metrics` is reported. When none of them looks deeper than the first ranks (recall@K, map@r, ...) and
  /// ties go by id, the rest of each ranking is not counted: a fraction of the time, the same values.
  bool only_metrics = false;
  bool sieve = true;  ///< may leave out by 8-bit products what cannot matter; never shows in the result
  Masks masks = {};
  InvalidQuery invalid = InvalidQuery::kSkip;
  Average average = Average::kQuery;
};

struct ScoredHit {
  int64_t gallery_row;
  float score;
};

/// One query, exact over the whole gallery.
struct QueryResult {
  int64_t query_row = 0, relevant = 0;
  int64_t first_rank = 0;  ///< 0-based rank of the first relevant item by (score desc, id asc)
  double ap_finite = 0, ap_trapezoid = 0, map_at_r = 0, r_precision = 0, mrr = 0;
  std::vector<double> hit_at, precision_at;  ///< by ks
  std::vector<ScoredHit> top;                ///< keep_hits best, by (score desc, id asc)
  ScoredHit best_relevant{-1, 0};            ///< the true match, for reports of misses
  int64_t ignored = 0;        ///< (whole rankings) gallery rows taken out before ranking (the query itself is one)
  std::vector<double> extra;  ///< by options.metrics, without repeats
};

struct Interval {
  double low = 0, high = 0;
};

/// Interpolated precision at recall 0, 0.01, ..., 1.
inline constexpr int kRecallLevels = 101;

struct RetrievalResult {
  /// False where only the first ranks were counted: a first_rank or best_relevant that lies deeper is -1, and ties,
  /// mean scores, histograms and precision_at_recall are not measured.
  bool whole = true;
  std::vector<QueryResult> queries;  ///< those with at least one relevant item, by query row
  int64_t excluded = 0;              ///< queries without any relevant item
  std::vector<int64_t> excluded_rows;
  int64_t ties = 0;  ///< queries in which a relevant and another item have equal scores
  /// recall@k (hit@k), precision@k, map@r, r_precision, ap.finite, ap.trapezoid, mrr: means over queries.
  std::map<std::string, double> metrics;
  std::map<std::string, Interval> intervals;  ///< 95 % bootstrap over queries
  /// Mean cosine of relevant and of other pairs; over the queries above, as are the histograms.
  double mean_positive = 0, mean_negative = 0;
  std::vector<int64_t> positive_histogram, negative_histogram;  ///< 100 bins over [-1, 1], the last closed
  /// Mean over queries of the highest precision at this or a higher recall, by (score desc, id asc).
  std::array<double, kRecallLevels> precision_at_recall{};
  double seconds = 0;
};

/// Exact, streamed in tiles, multi-threaded; no N x N matrix. Scores are float32 products in a fixed order
/// (score_kernel.h), everything after them is exact or double: the result is equal bit for bit for every tile size,
/// thread count and gallery order. Definitions: retrieval.md 1.1; ties 1.9.
/// @param on_progress receives the number of finished queries; one call at a time, from any thread. What it throws
///        ends the evaluation and comes out of it.
/// @throws Error(kShape) when sizes disagree or a k is below 1, Error(kNumeric) for a NaN or infinite vector (named by
///         row), Error(kData) for equal gallery ids or when no query has a relevant item
RetrievalResult evaluate_retrieval(const VectorSet& queries, const VectorSet& gallery, const RetrievalOptions& options,
                                   const std::function<void(int64_t)>& on_progress = {});

class Truth;
/// The same with other ground truth than equal labels (truth.h); options.same_set and options.masks are not read.
/// Labels of the sets then only group queries for class means.
RetrievalResult evaluate_retrieval(const VectorSet& queries, const VectorSet& gallery, const Truth& truth,
                                   const RetrievalOptions& options,
                                   const std::function<void(int64_t)>& on_progress = {});

/// Most bytes that an evaluation takes above the vectors; more than options.memory only where the results alone need
/// it.
uint64_t evaluation_memory(const VectorSet& queries, const VectorSet& gallery, const Truth& truth,
                           const RetrievalOptions& options);

/// "recall@1 = share of queries with ..." for every metric name above. @throws Error(kUsage) for an unknown name
std::string explain_metric(const std::string& name);
std::vector<std::string> metric_names(const std::vector<int64_t>& ks);

/// A gate such as "recall@1>=0.5". @throws Error(kUsage)
struct Requirement {
  std::string metric, op;  ///< op: >= > <= < ==
  double bound = 0;
  bool holds(double value) const;
  std::string text() const;
};
Requirement parse_requirement(const std::string& text);

}  // namespace winnow
