#include <cmath>
#include <cstdio>

#include "src/core/csv.h"
#include "src/core/error.h"
#include "src/evaluation/face/megaface_files.h"
#include "src/workflow/face/eval.h"

namespace winnow {
namespace {

constexpr int64_t kPoints = 1000;

/// 17 digits: the number reads back as it was.
std::string exact(double value) {
  char buffer[40];
  std::snprintf(buffer, sizeof buffer, "%.17g", value);
  return buffer;
}

std::string roc_csv(const VerificationScores& scores) {
  std::string out = csv_line({"far", "tar", "threshold"});
  for (const auto& p : scores.complete() ? roc_curve(scores, true) : roc_outline(scores, kPoints))
    out += csv_line({exact(p.far), exact(p.tar), std::isfinite(p.threshold) ? exact(p.threshold) : "inf"});
  return out;
}

std::string megaface_json(const FaceRun& run) {
  std::vector<std::pair<double, double>> roc;
  for (const auto& p : roc_outline(*run.scores, kPoints)) roc.emplace_back(p.far, p.tar);
  return megaface_result_json(run.cmc, roc);
}

std::string search_csv(const OpenSetSearch& search) {
  std::string out = csv_line({"fpir", "fnir"});
  for (const auto& [fpir, fnir] : det_points(search, 1, kPoints)) out += csv_line({exact(fpir), exact(fnir)});
  return out;
}

}  // namespace

void write_face_curve(const fs::path& file, const FaceRun& run) {
  if (run.scores)
    write_file_atomically(file, run.protocol == "megaface" ? megaface_json(run) : roc_csv(*run.scores));
  else if (run.search && !run.search->mate_score.empty() && !run.search->nonmated_top.empty())
    write_file_atomically(file, search_csv(*run.search));
  else
    throw Error(ErrorCode::kUsage, "[face] --curve: protocol '" + run.protocol + "' gave no curve");
}

}  // namespace winnow
