#include "src/report/eval_sheets.h"

#include <algorithm>

#include "src/core/tables.h"
#include "src/report/text_format.h"

namespace winnow {
namespace {

std::string path_of(const ReportSide& side, int64_t row) {
  return side.path ? side.path(row) : "row " + std::to_string(row);
}

SheetImage image_of(const EvalReport& report, const ReportSide& side, int64_t row, const std::string& frame,
                    const std::string& note) {
  SheetImage out;
  out.data_uri = side.thumbnail ? side.thumbnail(row) : "";
  out.frame = frame;
  const std::string label = label_name(report, side.labels[row]);
  out.caption = note.empty() ? label : note + " \u00b7 " + label;
  out.alt = frame + ": " + label + ", " + path_of(side, row);
  return out;
}

std::string score_text(float score) { return format_number(static_cast<double>(score), 2); }

SheetImage hit_image(const EvalReport& report, const QueryResult& query, const ScoredHit& hit) {
  const bool right = report.gallery.labels[hit.gallery_row] == report.queries.labels[query.query_row];
  return image_of(report, report.gallery, hit.gallery_row, right ? "right" : "wrong", score_text(hit.score));
}

}  // namespace

SheetRow query_row(const EvalReport& report, const QueryResult& query) {
  SheetRow row;
  row.title = path_of(report.queries, query.query_row) + ": AP " + format_number(query.ap_finite, 3) +
              ", first right hit at rank " + format_count(query.first_rank + 1) + " (" +
              format_quantity(query.relevant, "relevant picture", "relevant pictures") + ").";
  if (const int64_t other = unanimous_other_label(report, query); other >= 0)
    row.title += " Its nearest pictures are all \u201c" + label_name(report, other) + "\u201d: check its label.";
  row.images.push_back(image_of(report, report.queries, query.query_row, "query", ""));
  const auto shown = std::min(query.top.size(), static_cast<size_t>(report.hits_shown));
  for (size_t i = 0; i < shown; ++i) row.images.push_back(hit_image(report, query, query.top[i]));
  if (query.first_rank >= static_cast<int64_t>(shown) && query.best_relevant.gallery_row >= 0)
    row.images.push_back(
        image_of(report, report.gallery, query.best_relevant.gallery_row, "missed",
                 score_text(query.best_relevant.score) + ", rank " + format_count(query.first_rank + 1)));
  return row;
}

SheetRow pair_row(const EvalReport& report, const ConfusedPair& pair) {
  SheetRow row;
  row.title = label_name(report, pair.first) + " vs " + label_name(report, pair.second) + ": " +
              format_quantity(pair.errors, "error", "errors");
  for (const size_t i : pair.examples) {
    const auto& query = report.result->queries[i];
    row.images.push_back(image_of(report, report.queries, query.query_row, "query", ""));
    row.images.push_back(hit_image(report, query, query.top[0]));
  }
  return row;
}

}  // namespace winnow
