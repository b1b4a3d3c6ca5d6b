#include "src/report/threshold_slider.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/report/html.h"
#include "src/report/metric_sections.h"

namespace winnow {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(ScoreBins, EdgesBelongToTheBinAboveAndTheLastIsClosed) {
  const std::vector<double> scores = {-1, -0.5, 0, 0.49, 0.5, 1, 1.0000001, -1.2};
  EXPECT_THAT(score_bins(scores, 4), ElementsAre(2, 1, 2, 3));
  for (int i = 0; i < 400; ++i)  // decimal edges are no binary numbers
    EXPECT_EQ(score_bins(std::vector<double>{-1 + 0.005 * i}, 400)[static_cast<size_t>(i)], 1) << i;
}

TEST(ThresholdSlider, SaysRatesAndDecisionsAtItsPlace) {
  // Four bins of 0.5. At 0.5: one of two on the first side, none of four on the second.
  const SliderLine rates{SliderLine::Says::kRates, "pairs", "TAR", "FAR", {0, 0, 1, 1}, {2, 1, 1, 0}};
  const SliderLine decisions{SliderLine::Says::kDecisions, "first hits", "", "", {0, 0, 1, 3}, {0, 1, 0, 1}};
  const std::string at_half = threshold_slider("t", "FIGURE", 0.5, {rates, decisions});
  EXPECT_THAT(at_half, HasSubstr("FIGURE"));
  EXPECT_THAT(at_half, HasSubstr("min=\"-1.000\" max=\"1.000\" step=\"0.005\" value=\"0.500\""));
  EXPECT_THAT(at_half, HasSubstr("pairs: TAR 50.000 %, FAR 0.000 %"));
  EXPECT_THAT(at_half, HasSubstr("first hits: precision 75.0 %, recall 75.0 %, 4 of 6 accepted"));
  // Half of a bin: its scores count as evenly spread.
  EXPECT_THAT(threshold_slider("t", "", 0.25, {rates}), HasSubstr("pairs: TAR 75.000 %, FAR 12.500 %"));
}

TEST(ThresholdSlider, StandsWhereThereAreScores) {
  const SliderLine line{SliderLine::Says::kRates, "pairs", "TAR", "FAR", {0, 0, 1, 0}, {0, 0, 2, 0}};
  const std::string page = threshold_slider("t", "", 0.9, {line});
  EXPECT_THAT(page, HasSubstr("min=\"0.000\" max=\"0.500\" step=\"0.005\" value=\"0.500\""));
  EXPECT_THAT(page, HasSubstr("TAR 0.000 %, FAR 0.000 %"));
  EXPECT_THAT(threshold_slider("t", "", 0, {{SliderLine::Says::kRates, "pairs", "TAR", "FAR", {0}, {0}}}),
              HasSubstr("TAR none, FAR none"));
}

TEST(HistogramChart, DrawsAMarkThatAScriptCanMove) {
  const std::string svg = histogram_chart({0, 0, 1, 3}, {0, 50, 50, 0}, -1, 1, {.title = "t", .mark = 0.0});
  EXPECT_THAT(svg, HasSubstr("class=\"mark\""));
  EXPECT_THAT(svg, HasSubstr("data-left=\"52.0000\" data-right=\"428.0000\""));
}

TEST(RetrievalThreshold, CountsFirstHitsAndPairs) {
  const std::vector<float> queries = {1, 0, .96f, .28f, 0, 1, .8f, .6f}, gallery = {1, 0, .6f, .8f};
  const std::vector<int64_t> query_labels = {0, 0, 1, 1}, gallery_labels = {0, 1}, ids = {10, 11, 12, 13};
  const auto result =
      evaluate_retrieval({queries, 4, 2, query_labels, ids}, {gallery, 2, 2, gallery_labels, {ids.data(), 2}},
                         {.keep_hits = 1, .bootstrap = 0});
  const std::string page = retrieval_threshold_slider(result, query_labels, gallery_labels);
  // First hits: 1, 0.96, 0.8 and 0.96, all right, so that F1 is best at the lowest.
  EXPECT_THAT(page, HasSubstr("first hits: precision 100.0 %, recall 100.0 %, 4 of 4 accepted"));
  EXPECT_THAT(page, HasSubstr("pairs at or above: relevant "));
  EXPECT_THAT(page, HasSubstr("threshold (starts at the best F1 over first hits) <input"));
  const std::string stored = retrieval_threshold_slider(result, query_labels, gallery_labels, 0.9);
  EXPECT_THAT(stored, HasSubstr("threshold (starts at the one in the model&#39;s card) <input"));
  EXPECT_THAT(stored, HasSubstr("value=\"0.900\""));
  EXPECT_THAT(stored, HasSubstr("first hits: precision 100.0 %, recall 75.0 %, 3 of 4 accepted"));
}

}  // namespace
}  // namespace winnow
