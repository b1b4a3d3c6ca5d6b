#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "src/evaluation/face/open_set.h"
#include "src/evaluation/face/pair_accuracy.h"
#include "src/evaluation/face/verification.h"
#include "src/evaluation/retrieval.h"
#include "src/report/html.h"

namespace winnow {

/// What a face page shows; parts that are null or empty are left out.
struct FaceReport {
  std::string title;
  std::vector<std::string> lead;  ///< two or three sentences with numbers
  const std::map<std::string, double>* metrics = nullptr;
  const std::map<std::string, Interval>* intervals = nullptr;
  const std::vector<PairAccuracy>* accuracies = nullptr;
  const VerificationScores* scores = nullptr;
  const std::vector<OperatingPoint>* points = nullptr;
  const std::map<double, Interval>* threshold_intervals = nullptr;
  const OpenSetSearch* search = nullptr;
  const std::vector<OpenSetPoint>* open_points = nullptr;
  std::vector<double> cmc;
  std::vector<int64_t> genuine_histogram, impostor_histogram;  ///< 100 bins over [-1, 1]
  struct Pair {
    std::string a, b, picture_a, picture_b;  ///< names and data URIs
    bool same = false;
    double score = 0;
  };
  std::vector<Pair> wrong;
  std::vector<std::string> notes;
  std::vector<Fact> provenance;
};

/// ROC with a logarithmic FAR axis, DET, CMC, score histograms with a movable threshold, accuracy by rule and fold,
/// TAR@FAR by rule, wrong pairs as sheets, every metric, provenance.
HtmlPage face_report_page(const FaceReport& report);

/// Histogram figure with a movable threshold that says TAR and FAR (exact to 0.005 where every score was kept, else to
/// the bins of the histogram).
std::string face_threshold_slider(const FaceReport& report, double start);

}  // namespace winnow
