#include "src/evaluation/retrieval.h"

#include <gtest/gtest.h>

#include <cmath>

#include "src/core/error.h"
#include "tests/unit/src/evaluation/evaluation_fixture.h"

namespace winnow {
namespace {

using test::Rows;

RetrievalResult evaluate_line(const std::vector<int64_t>& labels) {
  const auto sets = test::line_points({0, 1, 3, 4.5, 10, 11.5}, labels);
  RetrievalOptions options;
  options.ks = {1, 2, 4};
  options.same_set = true;
  return evaluate_retrieval(sets.queries.view(), sets.gallery.view(), options);
}

TEST(Retrieval, SixPointsOnALine) {
  auto m = evaluate_line({0, 1, 0, 0, 1, 1}).metrics;
  EXPECT_NEAR(m.at("recall@1"), 0.666667, 1e-6);
  EXPECT_NEAR(m.at("recall@2"), 0.833333, 1e-6);
  EXPECT_NEAR(m.at("recall@4"), 1.0, 1e-12);
  EXPECT_NEAR(m.at("map@r"), 0.375, 1e-12);
  EXPECT_NEAR(m.at("r_precision"), 0.416667, 1e-6);
  EXPECT_NEAR(m.at("ap.finite"), 0.679167, 1e-6);
  EXPECT_NEAR(m.at("mrr"), 0.791667, 1e-6);
}

TEST(Retrieval, LoneLabelIsExcludedAndCounted) {
  const auto result = evaluate_line({0, 1, 0, 0, 1, 2});
  EXPECT_EQ(result.excluded, 1);
  EXPECT_EQ(result.excluded_rows, std::vector<int64_t>{5});
  EXPECT_EQ(result.queries.size(), 5u);
  EXPECT_NEAR(result.metrics.at("recall@1"), 0.4, 1e-12);
  EXPECT_NEAR(result.metrics.at("map@r"), 0.25, 1e-12);
  EXPECT_NEAR(result.metrics.at("r_precision"), 0.3, 1e-12);
}

TEST(Retrieval, UnevenClasses) {
  const auto m = evaluate_line({0, 1, 0, 0, 1, 0}).metrics;
  EXPECT_NEAR(m.at("recall@1"), 0.333333, 1e-6);
  EXPECT_NEAR(m.at("map@r"), 0.314815, 1e-6);
  EXPECT_NEAR(m.at("r_precision"), 0.444444, 1e-6);
}

TEST(Retrieval, LabelsPastFloatPrecisionStayDistinct) {
  const auto sets = test::line_points({0, 1, 10, 11}, {16777216, 16777217, 16777216, 16777217});
  RetrievalOptions options;
  options.ks = {1};
  options.same_set = true;
  const auto result = evaluate_retrieval(sets.queries.view(), sets.gallery.view(), options);
  EXPECT_EQ(result.metrics.at("precision@1"), 0.0);
}

/// One query (1, 0) against items whose first component is their score.
RetrievalResult evaluate_scores(const std::vector<float>& scores, const std::vector<int64_t>& labels, TieRule ties) {
  const Rows query{2, {1, 0}, {1}, {100}};
  Rows gallery{2, {}, labels, {}};
  for (size_t i = 0; i < scores.size(); ++i) {
    gallery.vectors.insert(gallery.vectors.end(), {scores[i], std::sqrt(1 - scores[i] * scores[i])});
    gallery.ids.push_back(static_cast<int64_t>(i));
  }
  RetrievalOptions options;
  options.ks = {1, 2};
  options.ties = ties;
  return evaluate_retrieval(query.view(), gallery.view(), options);
}

TEST(Retrieval, TiesEndToEnd) {
  const std::vector<float> scores = {.9f, .9f, .9f, .5f};
  const std::vector<int64_t> labels = {0, 1, 0, 1};
  const auto at = [&](TieRule rule, const char* metric) {
    return evaluate_scores(scores, labels, rule).metrics.at(metric);
  };
  EXPECT_EQ(at(TieRule::kOptimistic, "recall@1"), 1.0);
  EXPECT_EQ(at(TieRule::kPessimistic, "recall@1"), 0.0);
  EXPECT_NEAR(at(TieRule::kExpected, "recall@1"), 1.0 / 3, 1e-12);
  EXPECT_EQ(at(TieRule::kId, "recall@1"), 0.0);
  EXPECT_NEAR(at(TieRule::kExpected, "recall@2"), 2.0 / 3, 1e-12);
  EXPECT_NEAR(at(TieRule::kExpected, "ap.finite"), 0.555556, 1e-6);
  EXPECT_NEAR(at(TieRule::kId, "ap.finite"), 0.5, 1e-12);
  EXPECT_NEAR(at(TieRule::kExpected, "ap.trapezoid"), 0.444444, 1e-6);
  const auto two = evaluate_scores({.9f, .9f, .9f, .5f, .5f, .3f}, {1, 1, 0, 1, 0, 1}, TieRule::kExpected);
  EXPECT_NEAR(two.metrics.at("ap.finite"), 0.738194, 1e-6);
  EXPECT_NEAR(two.metrics.at("ap.trapezoid"), 0.683681, 1e-6);
  EXPECT_EQ(two.ties, 1);
  EXPECT_EQ(evaluate_scores({.9f, .8f, .8f}, {0, 1, 1}, TieRule::kId).ties, 0) << "a tie of relevant items alone";
}

TEST(Retrieval, TopAndBestRelevantFollowScoreThenId) {
  const auto result = evaluate_scores({.5f, .9f, .9f, .1f}, {1, 0, 0, 1}, TieRule::kId);
  const auto& q = result.queries[0];
  ASSERT_EQ(q.top.size(), 4u);
  const std::vector<int64_t> want = {1, 2, 0, 3};
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(q.top[i].gallery_row, want[i]);
  EXPECT_EQ(q.first_rank, 2);
  EXPECT_EQ(q.best_relevant.gallery_row, 0);
  EXPECT_FLOAT_EQ(q.best_relevant.score, 0.5f);
}

TEST(Retrieval, HistogramsAndMeansLeaveTheQueryItselfOut) {
  const Rows set{2, {1, 0, 1, 0, 0, 1}, {7, 7, 8}, {0, 1, 2}};
  RetrievalOptions options;
  options.same_set = true;
  const auto result = evaluate_retrieval(set.view(), set.view(), options);
  EXPECT_EQ(result.positive_histogram[99], 2);
  EXPECT_EQ(result.negative_histogram[50], 2);
  EXPECT_EQ(std::accumulate(result.positive_histogram.begin(), result.positive_histogram.end(), int64_t{0}), 2);
  EXPECT_EQ(std::accumulate(result.negative_histogram.begin(), result.negative_histogram.end(), int64_t{0}), 2);
  EXPECT_NEAR(result.mean_positive, 1.0, 1e-9);
  EXPECT_NEAR(result.mean_negative, 0.0, 1e-9);
}

TEST(Retrieval, SelfIsFoundByIdNotByPlace) {
  // Rows 0 and 1 are the same picture; the gallery holds them in another order.
  const Rows queries{2, {1, 0, 1, 0, 0, 1}, {1, 2, 1}, {10, 11, 12}};
  const Rows gallery{2, {1, 0, 0, 1, 1, 0}, {2, 1, 1}, {11, 12, 10}};
  RetrievalOptions options;
  options.ks = {1};
  options.same_set = true;
  const auto result = evaluate_retrieval(queries.view(), gallery.view(), options);
  ASSERT_EQ(result.queries.size(), 2u);
  EXPECT_EQ(result.queries[0].top[0].gallery_row, 0) << "the duplicate stays, the query itself goes";
  EXPECT_EQ(result.queries[0].top.size(), 2u);
  EXPECT_EQ(result.excluded_rows, std::vector<int64_t>{1});
}

}  // namespace
}  // namespace winnow
