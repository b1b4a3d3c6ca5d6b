#include "src/report/eval_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "src/core/error.h"
#include "src/report/demo_report.h"
#include "src/report/eval_findings.h"

namespace winnow {
namespace {

using testing::HasSubstr;
using testing::Not;

/// Items on a circle, by angle in degrees: the search is by angle.
struct Circle {
  std::vector<float> vectors;
  std::vector<int64_t> labels, ids;
  Circle(const std::vector<double>& degrees, std::vector<int64_t> given) : labels(std::move(given)) {
    for (size_t i = 0; i < degrees.size(); ++i) {
      vectors.push_back(static_cast<float>(std::cos(degrees[i] * M_PI / 180)));
      vectors.push_back(static_cast<float>(std::sin(degrees[i] * M_PI / 180)));
      ids.push_back(static_cast<int64_t>(i));
    }
  }
  VectorSet view() const { return {vectors, static_cast<int64_t>(labels.size()), 2, labels, ids}; }
};

/// Classes ant 0, bee 1, cat 2 at 0, 30 and 90 degrees. Query 0 is right; 1 (ant) and 2 (bee) are taken for the other;
/// 3 is labelled ant in the middle of cats; 4 has a label the gallery lacks.
class EvalReportTest : public testing::Test {
 protected:
  EvalReportTest() {
    result_ = evaluate_retrieval(queries_.view(), gallery_.view(), {.ks = {1, 3}, .bootstrap = 50});
    report_.title = "title";
    report_.result = &result_;
    report_.ks = {1, 3};
    report_.queries = {queries_.labels, [](int64_t row) { return "q" + std::to_string(row) + ".jpg"; },
                       [](int64_t row) { return "data:query" + std::to_string(row); }};
    report_.gallery = {gallery_.labels, {}, [](int64_t row) { return "data:gallery" + std::to_string(row); }};
    report_.label_names = names_;
    report_.hits_shown = 3;
  }
  Circle gallery_{{0, 1, 2, 30, 31, 32, 88, 89, 90, 91, 92}, {0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 2}};
  Circle queries_{{1.2, 29, 3, 90.3, 60}, {0, 0, 1, 0, 9}};
  std::vector<std::string> names_ = {"ant", "bee", "cat"};
  RetrievalResult result_;
  EvalReport report_;
};

TEST_F(EvalReportTest, ConfusedPairsCountBothDirections) {
  const auto pairs = confused_pairs(report_);
  ASSERT_EQ(pairs.size(), 2u);
  EXPECT_EQ(pairs[0].first, 0);
  EXPECT_EQ(pairs[0].second, 1);
  EXPECT_EQ(pairs[0].errors, 2);
  EXPECT_EQ(pairs[0].reverse, 1);
  EXPECT_EQ(pairs[0].examples, (std::vector<size_t>{1, 2}));
  EXPECT_EQ(pairs[1].second, 2);
  EXPECT_EQ(pairs[1].errors, 1);
}

TEST_F(EvalReportTest, SuspectLabelsNeedUnanimousNeighbours) {
  EXPECT_EQ(unanimous_other_label(report_, result_.queries[3]), 2);
  EXPECT_EQ(unanimous_other_label(report_, result_.queries[0]), -1) << "its own class";
  EXPECT_EQ(unanimous_other_label(report_, result_.queries[1]), -1) << "three bees, then ants";
}

TEST_F(EvalReportTest, ClassScores) {
  const auto scores = class_scores(report_);
  ASSERT_EQ(scores.size(), 2u);
  EXPECT_EQ(scores[0].label, 1);
  EXPECT_EQ(scores[0].queries, 1);
  EXPECT_EQ(scores[0].gallery, 3);
  EXPECT_EQ(scores[0].first_hit, 0.0);
  EXPECT_EQ(scores[1].label, 0);
  EXPECT_NEAR(scores[1].first_hit, 1.0 / 3, 1e-12);
}

TEST_F(EvalReportTest, WorstQueriesSkipPerfectOnesAndSpreadOverClasses) {
  const auto worst = worst_queries(report_, 10);
  ASSERT_EQ(worst.size(), 3u);
  EXPECT_EQ(worst[0], 3u);
  EXPECT_EQ(worst_queries(report_, 1).size(), 1u);
}

TEST_F(EvalReportTest, SizeBuckets) {
  const auto buckets = size_buckets(result_);
  ASSERT_EQ(buckets.size(), 1u);
  EXPECT_EQ(buckets[0].name, "2 to 5");
  EXPECT_EQ(buckets[0].queries, 4);
  EXPECT_EQ(buckets[0].first_hit, 0.25);
}

TEST_F(EvalReportTest, FirstScreenSaysHowGoodWhereItFailsAndWhatNext) {
  const std::string html = eval_report_page(report_).html();
  EXPECT_THAT(html, HasSubstr("The first hit is right for 25.0 % of 4 queries (95 % interval"));
  EXPECT_THAT(html, HasSubstr("Of 3 wrong first hits, 2 confuse \u201cant\u201d and \u201cbee\u201d"));
  EXPECT_THAT(html, HasSubstr("and 1 has only pictures of one other class around it"));
  EXPECT_THAT(html, HasSubstr("Next: "));
  EXPECT_THAT(html, HasSubstr("1 query has no relevant picture in the gallery"));
}

TEST_F(EvalReportTest, RowsShowHitsFramesAndTheMissedMatch) {
  const std::string html = eval_report_page(report_).html();
  EXPECT_THAT(html, HasSubstr("q3.jpg: AP"));
  EXPECT_THAT(html, HasSubstr("Its nearest pictures are all \u201ccat\u201d: check its label."));
  EXPECT_THAT(html,
              HasSubstr("pic missed\"><div class=\"frame\"><img src=\"data:gallery2\" alt=\"missed: ant, row 2\""));
  EXPECT_THAT(html, Not(HasSubstr("data:query0"))) << "a perfect query is no error";
}

TEST_F(EvalReportTest, BaselineAndDefinitions) {
  report_.baseline = {{"recall@1", 0.5}};
  report_.baseline_name = "old";
  const std::string html = eval_report_page(report_).html();
  EXPECT_THAT(html, HasSubstr("\u22120.250 to old"));
  EXPECT_THAT(html, HasSubstr("<th scope=\"col\" class=\"n\">change to old</th>"));
  EXPECT_THAT(html, HasSubstr("mean over queries of 1 if any of the first K is relevant, else 0; K = 3"));
}

TEST_F(EvalReportTest, RefusesAResultOfOtherSets) {
  const std::vector<int64_t> fewer(2, 0);
  report_.gallery.labels = fewer;
  EXPECT_THROW(eval_report_page(report_), Error);
  report_.result = nullptr;
  EXPECT_THROW(eval_report_page(report_), Error);
}

TEST_F(EvalReportTest, DemoShowsTheGainWithItsInterval) {
  const Circle better({1.2, 1, 31, 90.3, 60}, {0, 0, 1, 0, 9});
  const auto robust = evaluate_retrieval(better.view(), gallery_.view(), {.ks = {1, 3}, .bootstrap = 50});
  DemoReport demo;
  demo.noise = 0.4;
  demo.ks = {1, 3};
  demo.plain = {"plain", "", &result_, {}, {}};
  demo.robust = {"robust", "", &robust, {}, {"search", {{"data:x", "query", "", "q"}}}};
  demo.next = {"winnow train <recipe>"};
  const std::string html = demo_report_page(demo).html();
  EXPECT_THAT(html,
              HasSubstr("With 40 % of the training labels wrong, the first hit is right for 25.0 % of 4 queries after "
                        "plain and for 75.0 % after robust."));
  EXPECT_THAT(html, HasSubstr("a change of +0.500 (+0.000 to +1.000) in recall@1"));
  EXPECT_THAT(html, HasSubstr("an interval that holds zero shows no sure difference"));
  EXPECT_THAT(html, HasSubstr("First search"));
  EXPECT_THAT(html, HasSubstr("winnow train &lt;recipe&gt;"));
  demo.robust.result = nullptr;
  EXPECT_THROW(demo_report_page(demo), Error);
}

}  // namespace
}  // namespace winnow
