#include "src/report/face_charts.h"

#include <algorithm>

#include "src/report/face_report.h"
#include "src/report/html.h"
#include "src/report/threshold_slider.h"

namespace winnow {
namespace {

constexpr size_t kFineBins = 400;

/// The ROC from the smallest FAR that can be told from none; what is accepted without any false accept stands there.
std::vector<RocPoint> positive_points(const VerificationScores& scores) {
  const double least = 1.0 / static_cast<double>(scores.impostors);
  std::vector<RocPoint> out = {{least, 0, 0}};
  for (const auto& p : roc_outline(scores)) {
    if (p.far <= least)
      out.front().tar = std::max(out.front().tar, p.tar);
    else
      out.push_back(p);
  }
  return out;
}

}  // namespace

std::string roc_chart(const VerificationScores& scores) {
  Series series{"this run", {}};
  double low = 1;
  for (const auto& p : positive_points(scores)) {
    series.points.emplace_back(p.far, p.tar);
    low = std::min(low, p.tar);
  }
  return line_chart({series}, {"ROC", "FAR (log)", "TAR", true, low > 0.5 ? 0.5 : 0, 1});
}

std::string det_chart(const VerificationScores& scores) {
  Series series{"this run", {}};
  for (const auto& p : positive_points(scores)) series.points.emplace_back(p.far, 1 - p.tar);
  return line_chart({series}, {"DET", "FAR (log)", "share of genuine pairs refused", true});
}

std::string open_set_chart(const OpenSetSearch& search) {
  const double least = 1.0 / static_cast<double>(search.nonmated_top.size());
  Series series{"rank 1", {}};
  for (const auto& [fpir, fnir] : det_points(search, 1)) series.points.emplace_back(std::max(fpir, least / 2), fnir);
  return line_chart({series}, {"DET, 1:N", "FPIR (log)", "FNIR", true});
}

std::string cmc_chart(const std::vector<double>& cmc) {
  Series series{"this run", {}};
  for (size_t k = 0; k < cmc.size(); ++k) series.points.emplace_back(static_cast<double>(k + 1), cmc[k]);
  return line_chart({series}, {"CMC", "rank k", "mate among the first k"});
}

std::string face_threshold_slider(const FaceReport& r, double start) {
  const std::string figure = histogram_chart(r.genuine_histogram, r.impostor_histogram, -1, 1,
                                             {.title = "Scores of genuine and impostor pairs",
                                              .x_label = "cosine",
                                              .y_label = "share of pairs",
                                              .positives = "genuine pairs",
                                              .negatives = "impostor pairs",
                                              .mark = start});
  SliderLine line{SliderLine::Says::kRates, "pairs", "TAR", "FAR", r.genuine_histogram, r.impostor_histogram};
  if (r.scores && r.scores->complete()) {
    line.first = score_bins(r.scores->genuine, kFineBins);
    line.second = score_bins(r.scores->impostor, kFineBins);
  }
  return threshold_slider("face-threshold", figure, start, {line});
}

}  // namespace winnow
