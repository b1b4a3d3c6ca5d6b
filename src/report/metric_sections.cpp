#include "src/report/metric_sections.h"

#include <algorithm>
#include <cmath>

#include "src/core/interval.h"
#include "src/evaluation/threshold.h"
#include "src/report/threshold_slider.h"

namespace winnow {
namespace {

Series recall_series(const NamedResult& named) {
  Series out{named.name, {}, {}};
  const auto n = static_cast<double>(named.result->queries.size());
  for (const int64_t k : {1, 2, 3, 4, 5, 6, 8, 10, 13, 16, 20, 25, 32, 40, 50, 64, 80, 100}) {
    const auto& queries = named.result->queries;
    const auto hits =
        std::count_if(queries.begin(), queries.end(), [k](const QueryResult& q) { return q.first_rank < k; });
    const Share share = wilson(static_cast<double>(hits), n);
    out.points.emplace_back(static_cast<double>(k), share.value);
    out.band.emplace_back(share.low, share.high);
  }
  return out;
}

}  // namespace

std::string recall_chart(const std::vector<NamedResult>& results) {
  std::vector<Series> series;
  double lowest = 1;
  for (const auto& r : results) {
    series.push_back(recall_series(r));
    lowest = std::min(lowest, series.back().band[0].first);
  }
  ChartOptions options{.title = "Right answer among the first k", .x_label = "k", .y_label = "recall@k", .log_x = true};
  options.y_min = std::floor(lowest * 5) / 5;
  options.y_max = 1.0;
  return line_chart(series, options);
}

std::string precision_recall_chart(const std::vector<NamedResult>& results) {
  std::vector<Series> series;
  for (const auto& r : results) {
    Series s{r.name, {}, {}};
    for (int level = 0; level < kRecallLevels; ++level)
      s.points.emplace_back(static_cast<double>(level) / (kRecallLevels - 1), r.result->precision_at_recall[level]);
    series.push_back(std::move(s));
  }
  return line_chart(series, {.title = "Precision over recall, mean of queries",
                             .x_label = "recall",
                             .y_label = "interpolated precision",
                             .y_min = 0,
                             .y_max = 1});
}

std::string score_histogram(const RetrievalResult& result, const std::string& title) {
  return histogram_chart(result.positive_histogram, result.negative_histogram, -1, 1,
                         {.title = title, .x_label = "cosine", .y_label = "share of pairs"});
}

std::string retrieval_threshold_slider(const RetrievalResult& result, std::span<const int64_t> query_labels,
                                       std::span<const int64_t> gallery_labels, std::optional<double> stored) {
  const auto hits = first_hits(result, query_labels, gallery_labels);
  const double start = stored ? *stored : best_f1_score(hits);
  std::vector<double> right, wrong;
  for (const auto& hit : hits) (hit.right ? right : wrong).push_back(hit.score);
  const std::string figure = histogram_chart(
      result.positive_histogram, result.negative_histogram, -1, 1,
      {.title = "Scores of relevant and other pairs", .x_label = "cosine", .y_label = "share of pairs", .mark = start});
  constexpr size_t kFineBins = 400;
  return threshold_slider(
      "retrieval-threshold", figure, start,
      {{SliderLine::Says::kDecisions, "first hits", "", "", score_bins(right, kFineBins), score_bins(wrong, kFineBins)},
       {SliderLine::Says::kRates, "pairs at or above", "relevant", "other", result.positive_histogram,
        result.negative_histogram}},
      stored ? "the one in the model's card" : "the best F1 over first hits");
}

void add_definitions(HtmlPage& page, const std::vector<int64_t>& ks) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& name : metric_names(ks)) {
    // The first line is the definition; what distinguishes it from its namesakes is for --explain.
    const std::string whole = explain_metric(name), text = whole.substr(0, whole.find('\n'));
    rows.push_back({name, text.substr(text.find(" = ") + 3)});
  }
  page.table({"metric", "definition"}, rows);
}

}  // namespace winnow
