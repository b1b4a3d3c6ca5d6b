#include "src/evaluation/retrieval.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>

#include "src/core/error.h"
#include "src/evaluation/bootstrap.h"
#include "src/evaluation/gallery_pass.h"
#include "src/evaluation/metric_variant.h"
#include "src/evaluation/ranked_metrics.h"
#include "src/evaluation/top_pass.h"
#include "src/evaluation/truth.h"

namespace winnow {
namespace {

void check_set(const VectorSet& set, const std::string& name) {
  const auto rows = static_cast<size_t>(set.rows);
  if (set.rows < 1 || set.dim < 1 || set.vectors.size() != rows * static_cast<size_t>(set.dim) ||
      set.labels.size() != rows || set.ids.size() != rows)
    throw Error(ErrorCode::kShape,
                "[evaluation] " + name + " must hold rows x dim vectors, rows labels and rows ids, " +
                    "rows and dim at least 1; given " + std::to_string(set.rows) + " x " + std::to_string(set.dim) +
                    " with " + std::to_string(set.vectors.size()) + " values, " + std::to_string(set.labels.size()) +
                    " labels, " + std::to_string(set.ids.size()) + " ids");
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
  if (options.only_metrics && options.metrics.empty())
    throw Error(ErrorCode::kUsage, "[evaluation] only_metrics needs the names of some metrics");
  for (const int64_t k : options.ks)
    if (k < 1) throw Error(ErrorCode::kShape, "[evaluation] every k must be at least 1, given " + std::to_string(k));
}

double mean_of(__int128 sum, int64_t count) {
  return count == 0 ? 0.0 : static_cast<double>(sum) / kFixedUnit / static_cast<double>(count);
}

/// Rows the means are taken over: queries (with zeros for the unanswerable, where they count), or means of classes.
std::vector<double> mean_rows(const RetrievalOptions& options, const VectorSet& queries, const RetrievalResult& result,
                              size_t columns) {
  std::vector<double> values;
  std::vector<int64_t> labels;
  values.reserve(result.queries.size() * columns);
  for (const auto& q : result.queries) {
    const auto row = options.only_metrics ? q.extra : metric_values(q);
    values.insert(values.end(), row.begin(), row.end());
    labels.push_back(queries.labels[q.query_row]);
  }
  if (options.invalid == InvalidQuery::kZero) {
    values.resize(values.size() + result.excluded_rows.size() * columns, 0.0);
    for (const int64_t row : result.excluded_rows) labels.push_back(queries.labels[row]);
  }
  if (options.average == Average::kQuery) return values;
  std::map<int64_t, std::pair<int64_t, std::vector<double>>> classes;
  for (size_t i = 0; i < labels.size(); ++i) {
    auto& [count, sums] = classes[labels[i]];
    sums.resize(columns);
    ++count;
    for (size_t c = 0; c < columns; ++c) sums[c] += values[i * columns + c];
  }
  std::vector<double> out;
  for (const auto& [label, one] : classes)
    for (const double sum : one.second) out.push_back(sum / static_cast<double>(one.first));
  return out;
}

void summarise(const RetrievalOptions& options, const VectorSet& queries, RetrievalResult& out) {
  auto names = options.only_metrics ? std::vector<std::string>{} : metric_names(options.ks);
  for (const auto& variant : parse_metrics(options.metrics)) names.push_back(variant.name);
  const auto columns = static_cast<int64_t>(names.size());
  const auto values = mean_rows(options, queries, out, names.size());
  std::vector<Interval> intervals;
  if (options.bootstrap > 0) intervals = bootstrap_means(values, columns, options.bootstrap, options.seed);
  for (int64_t c = 0; c < columns; ++c) {
    double sum = 0;
    for (size_t i = static_cast<size_t>(c); i < values.size(); i += names.size()) sum += values[i];
    out.metrics[names[c]] = sum / static_cast<double>(values.size() / names.size());
    if (!intervals.empty()) out.intervals[names[c]] = intervals[c];
  }
}

void check_answerable(const Truth& truth, InvalidQuery invalid) {
  if (invalid != InvalidQuery::kError || truth.excluded().empty()) return;
  throw Error(ErrorCode::kData, "[evaluation] every query needs a relevant gallery item, but " +
                                    std::to_string(truth.excluded().size()) + " have none, the first in row " +
                                    std::to_string(truth.excluded()[0]));
}

template <class Pass>
RetrievalResult collect(Pass& pass, const Truth& truth) {
  pass.run();
  RetrievalResult out;
  out.excluded_rows = truth.excluded();
  out.excluded = static_cast<int64_t>(out.excluded_rows.size());
  auto kept = truth.order();
  std::sort(kept.begin(), kept.end());
  out.queries.reserve(kept.size());
  for (const int64_t row : kept) out.queries.push_back(std::move(pass.results()[static_cast<size_t>(row)]));
  return out;
}

void add_totals(const PassTotals& totals, RetrievalResult& out) {
  out.ties = totals.ties;
  out.mean_positive = mean_of(totals.positive_sum, totals.positives);
  out.mean_negative = mean_of(totals.negative_sum, totals.negatives);
  out.positive_histogram = totals.positive_histogram;
  out.negative_histogram = totals.negative_histogram;
  for (int level = 0; level < kRecallLevels; ++level)
    out.precision_at_recall[level] =
        static_cast<double>(totals.precision[level]) / kPrecisionUnit / static_cast<double>(out.queries.size());
}

RetrievalResult evaluate_checked(const VectorSet& queries, const VectorSet& gallery, const Truth& truth,
                                 const RetrievalOptions& options, const std::function<void(int64_t)>& on_progress,
                                 std::chrono::steady_clock::time_point begin) {
  check_answerable(truth, options.invalid);
  RetrievalResult out;
  if (TopPass::serves(truth, gallery, options)) {
    TopPass pass(queries, gallery, truth, options, on_progress);
    out = collect(pass, truth);
    out.whole = false;
  } else {
    GalleryPass pass(queries, gallery, truth, options, on_progress);
    out = collect(pass, truth);
    add_totals(pass.totals(), out);
  }
  summarise(options, queries, out);
  out.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return out;
}

}  // namespace

RetrievalResult evaluate_retrieval(const VectorSet& queries, const VectorSet& gallery, const RetrievalOptions& options,
                                   const std::function<void(int64_t)>& on_progress) {
  check_inputs(queries, gallery, options);
  const auto begin = std::chrono::steady_clock::now();
  const LabelTruth truth(queries, gallery, options.same_set, options.masks);
  return evaluate_checked(queries, gallery, truth, options, on_progress, begin);
}

RetrievalResult evaluate_retrieval(const VectorSet& queries, const VectorSet& gallery, const Truth& truth,
                                   const RetrievalOptions& options, const std::function<void(int64_t)>& on_progress) {
  check_inputs(queries, gallery, options);
  return evaluate_checked(queries, gallery, truth, options, on_progress, std::chrono::steady_clock::now());
}

uint64_t evaluation_memory(const VectorSet& queries, const VectorSet& gallery, const Truth& truth,
                           const RetrievalOptions& options) {
  return TopPass::serves(truth, gallery, options) ? TopPass::memory(queries, gallery, truth, options)
                                                  : GalleryPass::memory(queries, gallery, truth, options);
}

}  // namespace winnow
