#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "src/evaluation/retrieval.h"
#include "src/report/html.h"

namespace winnow {

/// Queries or gallery as a report shows them. The callbacks are called from one thread, for rows that are shown only.
struct ReportSide {
  std::span<const int64_t> labels;                    ///< [rows]; negative = none
  std::function<std::string(int64_t row)> path;       ///< may be empty
  std::function<std::string(int64_t row)> thumbnail;  ///< data URI of about 128 pixels, "" when there is no picture
};

struct EvalReport {
  std::string title;                        ///< e.g. "grocery: test against train"
  const RetrievalResult* result = nullptr;  ///< evaluated with keep_hits >= 1
  std::vector<int64_t> ks;                  ///< as evaluated
  bool same_set = false;
  ReportSide queries, gallery;
  std::span<const std::string> label_names;  ///< by label; labels past its end show as numbers
  std::map<std::string, double> baseline;    ///< metrics of another run to compare with; may be empty
  std::string baseline_name;
  std::optional<double> threshold;  ///< from which a match counts, by the model's card; nothing = not stored there
  std::vector<std::string> next;    ///< commands to go on with
  std::vector<Fact> provenance;
  int64_t worst_queries = 24, confusable_pairs = 12, hits_shown = 6;
};

/// Three sentences with intervals, cards, recall@k and precision-recall curves, score histograms, worst queries as rows
/// of thumbnails, confusable class pairs, per-class table, metric definitions, provenance.
HtmlPage eval_report_page(const EvalReport& report);
/// Atomic. @throws Error(kShape) when the result does not belong to the sides
void write_eval_report(const fs::path& file, const EvalReport& report);

}  // namespace winnow
