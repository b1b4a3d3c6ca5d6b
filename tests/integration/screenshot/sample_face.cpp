#include "tests/integration/screenshot/sample_face.h"

#include <algorithm>

#include "src/core/random.h"
#include "src/image/codec.h"
#include "src/report/face_report.h"
#include "tests/integration/screenshot/sample_pictures.h"

namespace winnow::test {
namespace {

/// Genuine and impostor pairs with normal scores, people known.
struct Pairs {
  std::vector<double> scores;
  std::vector<FacePair> pairs;
  std::vector<int32_t> person;
};

Pairs make_pairs() {
  Pairs out;
  for (int64_t i = 0; i < 4000; ++i) {
    Random random(5, "face-sample", static_cast<uint64_t>(i));
    const bool same = i % 4 == 0;
    out.scores.push_back(std::clamp((same ? 0.55 : 0.05) + 0.14 * random.normal(), -1.0, 1.0));
    out.pairs.push_back({2 * i, 2 * i + 1, same, 0});
    const auto who = static_cast<int32_t>(i % 90);
    out.person.insert(out.person.end(), {who, same ? who : (who + 1) % 90});
  }
  return out;
}

}  // namespace

fs::path write_face_sample(const fs::path& folder) {
  const Pairs pairs = make_pairs();
  const auto scores = collect_scores(pairs.scores, pairs.pairs, pairs.person);
  std::map<std::string, double> metrics = {{"auc", roc_auc(scores)}, {"eer", equal_error(scores).rate}};
  metrics["eer.threshold"] = equal_error(scores).threshold;
  std::vector<OperatingPoint> points;
  for (const double far : {1e-3, 1e-2, 1e-1})
    for (const FarRule rule : kFarRules)
      if (const auto point = tar_at_far(scores, far, rule)) points.push_back(*point);
  const std::map<std::string, Interval> intervals = {{"tar@far=0.001", {0.7, 0.8}}};
  const std::map<double, Interval> thresholds = {{1e-3, {0.4, 0.5}}};
  FaceReport report;
  report.title = "faces: lfw";
  report.lead = {"4,000 queries of protocol 'lfw'.", "At FAR 0.001 (strict) 75 % of genuine pairs are accepted."};
  report.metrics = &metrics;
  report.intervals = &intervals;
  report.scores = &scores;
  report.points = &points;
  report.threshold_intervals = &thresholds;
  report.genuine_histogram.assign(100, 0);
  report.impostor_histogram.assign(100, 0);
  for (size_t i = 0; i < pairs.scores.size(); ++i) {
    const auto bin = static_cast<size_t>(std::clamp((pairs.scores[i] + 1) * 50, 0.0, 99.0));
    ++(pairs.pairs[i].same ? report.genuine_histogram : report.impostor_histogram)[bin];
  }
  report.notes = {"the people are not known: accuracy intervals resample pairs and are too narrow"};
  const std::string picture = thumbnail_data_uri(draw_product(3, 1), 112);
  report.wrong = {
      {"A/A_0001.jpg", "A/A_0002.jpg", picture, "", true, 0.11},
      {"B/B_0001.jpg", "C/with_a_very_long_name_that_somebody_chose_0001.jpg", picture, picture, false, 0.61}};
  report.provenance = {{"command", "winnow eval face --protocol lfw"}, {"pairs SHA-256", std::string(64, 'c')}};
  face_report_page(report).write(folder / "face.html");
  return folder / "face.html";
}

}  // namespace winnow::test
