#include "src/workflow/eval_pages.h"

#include "src/core/error.h"
#include "src/models/card_file.h"
#include "src/report/eval_report.h"
#include "src/training/provenance.h"
#include "src/workflow/eval_threshold.h"
#include "src/workflow/pictures.h"

namespace winnow {
namespace {

constexpr int kThumbnail = 128;

ReportSide side(const LabelledSet& set, const PictureFinder& pictures,
                const std::function<const EmbeddedItem&(int64_t)>& item) {
  return {set.labels, [item](int64_t row) { return item(row).path; },
          [item, &pictures](int64_t row) { return pictures.thumbnail(item(row).path, kThumbnail); }};
}

/// The threshold in the card of the model that made the vectors, if that model is still there.
std::optional<double> stored_threshold(const EmbeddingsInfo& info) {
  const MatchLevels levels = read_match_levels(info.model_path);
  const auto level = levels.same ? levels.same : levels.similar;
  if (!level || read_card_file(info.model_path, false).card.weights_digest != info.model_digest) return {};
  return level;
}

}  // namespace

void write_eval_report(const fs::path& file, const EvaluationRun& run, const std::vector<int64_t>& ks,
                       const std::vector<std::string>& command) {
  if (!run.labelled)
    throw Error(ErrorCode::kUsage, "[eval] a report shows classes, which this protocol has none of; use --per-query");
  const PictureFinder query_pictures(run.queries.info().data), gallery_pictures(run.gallery.info().data);
  EvalReport report;
  report.title = run.queries.folder().filename().string() +
                 (run.same_set ? " against itself" : " against " + run.gallery.folder().filename().string());
  report.result = &run.result;
  report.ks = ks;
  report.same_set = run.same_set;
  report.queries = side(
      run.query_set, query_pictures, [&](int64_t row) -> auto& { return run.query_item(row); });
  report.gallery = side(
      run.gallery_set, gallery_pictures, [&](int64_t row) -> auto& { return run.gallery_item(row); });
  report.threshold = stored_threshold(run.queries.info());
  report.label_names = run.label_names;
  report.provenance = {{"command", shell_line(command)},
                       {"queries", run.queries.folder().string()},
                       {"gallery", run.gallery.folder().string()},
                       {"model", run.queries.info().model_digest},
                       {"preprocessing", run.queries.info().preprocessing_digest},
                       {"vectors of the queries", run.queries.info().vectors_digest},
                       {"vectors of the gallery", run.gallery.info().vectors_digest},
                       {"winnow", WINNOW_VERSION}};
  report.next = {"winnow eval retrieval --queries " + run.queries.folder().string() + " --per-query queries.csv"};
  write_eval_report(file, report);
}

}  // namespace winnow
