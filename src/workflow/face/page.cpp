#include <cmath>

#include "src/core/log.h"
#include "src/core/tables.h"
#include "src/image/codec.h"
#include "src/report/face_report.h"
#include "src/training/provenance.h"
#include "src/workflow/face/eval.h"

namespace winnow {
namespace {

constexpr int kThumbnail = 112;
constexpr size_t kPairsShown = 40;

std::string thumbnail(const FaceSet& set, int64_t row) {
  if (!set.picture) return "";
  try {
    return thumbnail_data_uri(set.picture(row), kThumbnail);
  } catch (const Error& e) {
    log_debug("no thumbnail: {}", e.what());
    return "";
  }
}

std::vector<std::string> lead(const FaceRun& run) {
  const auto number = [&](const std::string& name) { return format_number(100 * run.metrics.at(name), 2) + " %"; };
  std::vector<std::string> out = {std::to_string(run.queries) + " queries of protocol '" + run.protocol + "'."};
  if (!run.accuracies.empty())
    out.push_back("Accuracy is " + number("accuracy.r-if") + " by insightface's rule, " + number("accuracy.r-fxz") +
                  " by FaceX-Zoo's and " + number("accuracy.r-sph") + " by SphereFace's.");
  for (const auto& p : run.points)
    if (p.rule == FarRule::kStrict && p.threshold && std::isfinite(*p.threshold)) {
      out.push_back("At FAR " + target_text(p.target) + " (strict) " + format_number(100 * p.tar, 2) +
                    " % of genuine pairs are accepted with cosine above " + format_number(*p.threshold, 3) + "; " +
                    std::to_string(p.false_accepts) + " false accepts stand behind it" +
                    (p.too_few ? ", too few to trust the number." : "."));
      break;
    }
  if (run.metrics.contains("nearest_neighbour"))
    out.push_back("The most similar face is the same person for " + number("nearest_neighbour") + ".");
  if (!run.open_points.empty())
    out.push_back("At FPIR " + target_text(run.open_points[0].target) + " " +
                  format_number(100 * (1 - run.open_points[0].tpir), 2) + " % of enrolled people are missed.");
  return out;
}

}  // namespace

void write_face_report(const fs::path& file, const FaceRun& run, const std::vector<std::string>& command) {
  FaceReport report;
  report.title = "faces: " + run.protocol;
  report.lead = lead(run);
  report.metrics = &run.metrics;
  report.intervals = &run.intervals;
  report.accuracies = &run.accuracies;
  if (run.scores) report.scores = &*run.scores;
  report.points = &run.points;
  report.threshold_intervals = &run.threshold_intervals;
  if (run.search) report.search = &*run.search;
  report.open_points = &run.open_points;
  report.cmc = run.cmc;
  report.genuine_histogram = run.genuine_histogram;
  report.impostor_histogram = run.impostor_histogram;
  report.notes = run.notes;
  for (size_t i = 0; i < std::min(run.wrong.size(), kPairsShown); ++i) {
    const auto& w = run.wrong[i];
    report.wrong.push_back({run.set.names[static_cast<size_t>(w.a)], run.set.names[static_cast<size_t>(w.b)],
                            thumbnail(run.set, w.a), thumbnail(run.set, w.b), w.same, w.score});
  }
  report.provenance = {{"command", shell_line(command)}};
  for (const auto& [name, value] : run.facts) report.provenance.push_back({name, value});
  report.provenance.push_back({"winnow", WINNOW_VERSION});
  face_report_page(report).write(file);
}

}  // namespace winnow
