// The acceptance checks of reference/retrieval.md 7.2 by number. 11, 12 and 15 concern retrieval/ and are tested there.
#include <gtest/gtest.h>

#include <cmath>

#include "src/core/error.h"
#include "src/evaluation/face/clustering.h"
#include "src/evaluation/metric_variant.h"
#include "src/evaluation/mutual_information.h"
#include "src/evaluation/protocols/revisited.h"
#include "src/evaluation/recognition.h"
#include "tests/unit/src/evaluation/evaluation_fixture.h"

namespace winnow {
namespace {

constexpr double kClose = 1e-6;

/// A list without ties from the ranks of its relevant items.
RankedList untied(const std::vector<int64_t>& ranks, int64_t missing = 0) {
  RankedList out;
  for (const int64_t r : ranks) out.groups.push_back({r, 1, 0});
  out.ranks = ranks;
  out.missing = missing;
  return out;
}

double value(const std::string& name, const RankedList& list, TieRule ties = TieRule::kId) {
  return parse_metric(name).value(list, ties);
}

TEST(RetrievalAcceptance, Check01) {
  EXPECT_NEAR(value("ap.trapezoid", untied({0, 2, 5})), 0.677778, kClose);
  EXPECT_NEAR(value("ap.finite", untied({0, 2, 5})), 0.722222, kClose);
  EXPECT_NEAR(value("ap.trapezoid", untied({1})), 0.25, kClose);
  EXPECT_NEAR(value("ap.trapezoid", untied({4})), 0.10, kClose);
  EXPECT_NEAR(value("ap.trapezoid", untied({0, 1, 2})), 1.0, kClose);
}

struct RevisitedCase {
  RevisitedLevel level;
  double ap, mp1, mp5, mp10;
};

void expect_revisited(const RevisitedTruth& truth, const std::vector<std::vector<int64_t>>& rankings,
                      const RevisitedCase& want, size_t answerable) {
  const auto lists = revisited_lists(truth, want.level);
  const std::vector<std::string> names = {"ap.trapezoid", "mp@1.rop", "mp@5.rop", "mp@10.rop"};
  std::vector<double> sums(names.size());
  size_t count = 0;
  for (size_t q = 0; q < rankings.size(); ++q) {
    if (lists[q].positive.empty()) continue;
    const auto list = rank_predictions(rankings[q], lists[q].positive, lists[q].ignored);
    for (size_t i = 0; i < names.size(); ++i) sums[i] += value(names[i], list);
    ++count;
  }
  ASSERT_EQ(count, answerable);
  const std::vector<double> wanted = {want.ap, want.mp1, want.mp5, want.mp10};
  for (size_t i = 0; i < names.size(); ++i)
    EXPECT_NEAR(sums[i] / static_cast<double>(count), wanted[i], kClose) << names[i];
}

TEST(RetrievalAcceptance, Check02) {
  RevisitedTruth truth;
  truth.truth = {{{}, {0, 1}, {3, 5}, {7, 4}}};
  std::vector<std::vector<int64_t>> rankings = {{7, 3, 0, 9, 1, 4, 2, 8, 5, 6}};
  using L = RevisitedLevel;
  expect_revisited(truth, rankings, {L::kEasy, 0.791667, 1, 0.666667, 0.666667}, 1);
  expect_revisited(truth, rankings, {L::kMedium, 0.811012, 1, 0.6, 0.571429}, 1);
  expect_revisited(truth, rankings, {L::kHard, 0.6625, 1, 0.4, 0.4}, 1);
  truth.truth.push_back({{}, {2}, {}, {}});
  rankings.push_back({2, 5, 0, 1, 3, 4, 6, 7, 8, 9});
  expect_revisited(truth, rankings, {L::kEasy, 0.895833, 1, 0.833333, 0.833333}, 2);
  expect_revisited(truth, rankings, {L::kMedium, 0.905506, 1, 0.8, 0.785714}, 2);
  expect_revisited(truth, rankings, {L::kHard, 0.6625, 1, 0.4, 0.4}, 1);
}

TEST(RetrievalAcceptance, Check03) {
  EXPECT_NEAR(value("ap.trapezoid", untied({0, 2}, 1)), 0.527778, kClose);
  EXPECT_NEAR(value("ap.delf", untied({0, 2}, 1)), 0.791667, kClose);
  EXPECT_THROW(value("inp", untied({0, 2}, 1)), Error);
}

TEST(RetrievalAcceptance, Check04) {
  enum : int64_t { a, b, c, d, e, f, x, y, z };
  const std::vector<int64_t> q1 = {a, x, a, b, y}, gt1 = {a, b, c}, q2 = {z, d}, gt2 = {d}, gt3 = {e, f};
  const double v1 = value("map@100.gldv2", rank_predictions(q1, gt1));
  const double v2 = value("map@100.gldv2", rank_predictions(q2, gt2));
  const double v3 = value("map@100.gldv2", rank_predictions({}, gt3));
  EXPECT_NEAR(v1, 0.5, kClose);
  EXPECT_NEAR(v2, 0.5, kClose);
  EXPECT_EQ(v3, 0);
  EXPECT_NEAR((v1 + v2 + v3) / 3, 0.333333, kClose);
  std::vector<int64_t> hundred(100);
  std::iota(hundred.begin(), hundred.end(), 0);
  EXPECT_NEAR(value("map@100.gldv2", untied(hundred, 50)), 1.0, kClose);
  EXPECT_NEAR(value("map@100.gldv2", untied({4}, 1)), 0.1, kClose);
  EXPECT_NEAR(value("map@100.hits", untied({4}, 1)), 0.2, kClose);
  EXPECT_NEAR(value("map@100.R", untied({4}, 1)), 0.1, kClose);
  EXPECT_NEAR(value("map@100.R", untied(hundred, 50)), 100.0 / 150, kClose);
}

RetrievalResult on_a_line(const std::vector<int64_t>& labels, RetrievalOptions options) {
  const auto sets = test::line_points({0, 1, 3, 4.5, 10, 11.5}, labels);
  options.ks = {1, 2, 4};
  options.same_set = true;
  options.bootstrap = 0;
  return evaluate_retrieval(sets.queries.view(), sets.gallery.view(), options);
}

void expect_metrics(const RetrievalResult& result, const std::map<std::string, double>& wanted) {
  for (const auto& [name, v] : wanted) EXPECT_NEAR(result.metrics.at(name), v, kClose) << name;
}

TEST(RetrievalAcceptance, Check05) {
  expect_metrics(on_a_line({0, 1, 0, 0, 1, 1}, {}), {{"recall@1", 0.666667},
                                                     {"recall@2", 0.833333},
                                                     {"recall@4", 1.0},
                                                     {"map@r", 0.375},
                                                     {"r_precision", 0.416667},
                                                     {"ap.finite", 0.679167},
                                                     {"mrr", 0.791667}});
  expect_metrics(on_a_line({0, 1, 0, 0, 1, 2}, {}), {{"recall@1", 0.4}, {"map@r", 0.25}, {"r_precision", 0.3}});
  expect_metrics(on_a_line({0, 1, 0, 0, 1, 2}, {.invalid = InvalidQuery::kZero}),
                 {{"recall@1", 0.333333}, {"map@r", 0.208333}, {"r_precision", 0.25}});
  expect_metrics(on_a_line({0, 1, 0, 0, 1, 0}, {}),
                 {{"recall@1", 0.333333}, {"map@r", 0.314815}, {"r_precision", 0.444444}});
  expect_metrics(on_a_line({0, 1, 0, 0, 1, 0}, {.average = Average::kClass}),
                 {{"recall@1", 0.25}, {"map@r", 0.236111}, {"r_precision", 0.333333}});
  EXPECT_THROW(on_a_line({0, 1, 0, 0, 1, 2}, {.invalid = InvalidQuery::kError}), Error);
}

TEST(RetrievalAcceptance, Check06) {
  const auto list = untied({0, 2, 3, 5});
  const std::map<std::string, double> wanted = {
      {"map@r", 0.604167},       {"r_precision", 0.75},         {"ap.finite", 0.770833},   {"map@3.R", 0.416667},
      {"map@3.gldv2", 0.555556}, {"map@3.hits", 0.833333},      {"map@5.R", 0.604167},     {"map@5.gldv2", 0.604167},
      {"map@5.hits", 0.805556},  {"precision@3.oml", 0.666667}, {"precision@5.oml", 0.75}, {"precision@7.oml", 1.0}};
  for (const auto& [name, v] : wanted) EXPECT_NEAR(value(name, list), v, kClose) << name;
}

/// Query q has the distance d[q][g] to gallery item g: queries are axes, gallery vectors hold -d.
RetrievalResult with_cameras(InvalidQuery invalid) {
  const std::vector<std::vector<float>> d = {
      {.1f, .3f, .2f, .4f, .5f, .6f, .7f}, {.5f, .4f, .3f, .6f, .2f, .1f, .7f}, {.1f, .2f, .3f, .4f, .5f, .6f, .7f}};
  test::Rows queries{3, {1, 0, 0, 0, 1, 0, 0, 0, 1}, {1, 2, 3}, {100, 101, 102}}, gallery{3, {}, {}, {}};
  for (size_t g = 0; g < 7; ++g)
    for (size_t q = 0; q < 3; ++q) gallery.vectors.push_back(-d[q][g]);
  gallery.labels = {1, 1, 0, 2, 1, 2, 1};
  gallery.ids = {0, 1, 2, 3, 4, 5, 6};
  const std::vector<int64_t> query_camera = {1, 2, 1}, gallery_camera = {1, 2, 3, 1, 3, 2, 4};
  RetrievalOptions options;
  options.ks = {1, 2, 3, 4, 5, 6};
  options.bootstrap = 0;
  options.metrics = {"inp"};
  options.invalid = invalid;
  options.masks.query_camera = query_camera;
  options.masks.gallery_camera = gallery_camera;
  return evaluate_retrieval(queries.view(), gallery.view(), options);
}

TEST(RetrievalAcceptance, Check07) {
  const auto result = with_cameras(InvalidQuery::kSkip);
  ASSERT_EQ(result.queries.size(), 2u);
  EXPECT_EQ(result.excluded, 1);
  const std::vector<double> cmc = {0, 0.5, 0.5, 0.5, 1, 1};
  for (size_t k = 1; k <= 6; ++k) EXPECT_NEAR(result.metrics.at("recall@" + std::to_string(k)), cmc[k - 1], kClose);
  EXPECT_NEAR(result.queries[0].ap_finite, 0.5, kClose);
  EXPECT_NEAR(result.queries[1].ap_finite, 0.2, kClose);
  EXPECT_NEAR(result.queries[0].ap_trapezoid, 0.372222, kClose);
  EXPECT_NEAR(result.queries[1].ap_trapezoid, 0.1, kClose);
  EXPECT_NEAR(result.metrics.at("ap.finite"), 0.35, kClose);
  EXPECT_NEAR(result.metrics.at("ap.trapezoid"), 0.236111, kClose);
  EXPECT_NEAR(result.queries[0].extra[0], 0.5, kClose);
  EXPECT_NEAR(result.queries[1].extra[0], 0.2, kClose);
  EXPECT_EQ(result.queries[0].ignored, 1);
  EXPECT_NEAR(with_cameras(InvalidQuery::kZero).metrics.at("ap.finite"), 0.233333, kClose);
}

TEST(RetrievalAcceptance, Check08) {
  const std::vector<int64_t> y = {0, 0, 0, 1, 1, 1}, clusters = {0, 0, 1, 1, 2, 2}, single(6, 0);
  const auto nmi = normalised_information(y, clusters);
  EXPECT_NEAR(nmi.arithmetic, 0.515804, kClose);
  EXPECT_NEAR(nmi.geometric, 0.529541, kClose);
  EXPECT_NEAR(nmi.min, 0.666667, kClose);
  EXPECT_NEAR(nmi.max, 0.420620, kClose);
  const auto scores = score_clustering(y, clusters);
  EXPECT_NEAR(scores.nmi, 0.515804, kClose);
  EXPECT_NEAR(scores.ami, 0.298792, kClose);
  EXPECT_NEAR(normalised_information(y, y).arithmetic, 1.0, kClose);
  EXPECT_NEAR(normalised_information(y, single).arithmetic, 0.0, kClose);
  EXPECT_EQ(normalised_information(single, single).arithmetic, 1.0);
}

TEST(RetrievalAcceptance, Check09) {
  const auto sets = test::line_points({0, 1, 10, 11}, {16777216, 16777217, 16777216, 16777217});
  const auto result = evaluate_retrieval(sets.queries.view(), sets.gallery.view(), {.ks = {1}, .same_set = true});
  EXPECT_EQ(result.metrics.at("precision@1"), 0.0);
}

TEST(RetrievalAcceptance, Check10) {
  RankedList list;  // scores .9 .9 .9 .5, relevance 0 1 0 1
  list.ranks = {1, 3};
  list.groups = {{0, 1, 2}, {3, 1, 0}};
  EXPECT_EQ(value("hit@1", list, TieRule::kOptimistic), 1.0);
  EXPECT_EQ(value("hit@1", list, TieRule::kPessimistic), 0.0);
  EXPECT_NEAR(value("hit@1", list, TieRule::kExpected), 1.0 / 3, kClose);
  EXPECT_EQ(value("hit@1", list, TieRule::kId), 0.0);
  EXPECT_NEAR(value("hit@2", list, TieRule::kExpected), 2.0 / 3, kClose);
  EXPECT_NEAR(value("ap.finite", list, TieRule::kOptimistic), 0.75, kClose);
  EXPECT_NEAR(value("ap.finite", list, TieRule::kPessimistic), 0.416667, kClose);
  EXPECT_NEAR(value("ap.finite", list, TieRule::kExpected), 0.555556, kClose);
  EXPECT_NEAR(value("ap.finite", list, TieRule::kId), 0.5, kClose);
  EXPECT_NEAR(value("ap.trapezoid", list, TieRule::kExpected), 0.444444, kClose);
  RankedList two;  // scores .9 .9 .9 .5 .5 .3, relevance 1 1 0 1 0 1
  two.ranks = {0, 1, 3, 5};
  two.groups = {{0, 2, 1}, {3, 1, 1}, {5, 1, 0}};
  EXPECT_NEAR(value("ap.finite", two, TieRule::kExpected), 0.738194, kClose);
  EXPECT_NEAR(value("ap.trapezoid", two, TieRule::kExpected), 0.683681, kClose);
}

TEST(RetrievalAcceptance, Check13) {
  // Two groups of four on a line; the second group's outlier lies nearer to the first group.
  const auto sets = test::line_points({0, 1, 2, 3, 6, 20, 21, 22}, {0, 0, 0, 0, 1, 1, 1, 1});
  RetrievalOptions options;
  options.metrics = {"ukb.ns"};
  const auto result = evaluate_retrieval(sets.queries.view(), sets.gallery.view(), options);
  EXPECT_EQ(result.queries[0].extra[0], 4.0);
  EXPECT_EQ(result.queries[4].extra[0], 1.0);
  EXPECT_EQ(result.queries[5].extra[0], 4.0);
  EXPECT_NEAR(value("ukb.ns", untied({0, 1, 3, 8})), 3.0, kClose);
  EXPECT_NEAR(value("ukb.ns", untied({0, 1, 2, 3})), 4.0, kClose);
}

TEST(RetrievalAcceptance, Check14) {
  const std::vector<Recognition> answers = {{0.9, "a", "1", true}, {0.5, "b", "2", false}, {0.3, "c", "3", true}};
  EXPECT_NEAR(global_average_precision(answers, 3), 0.555556, kClose);
  EXPECT_THROW(global_average_precision(answers, 1), Error);
}

TEST(RetrievalAcceptance, Check16) {
  EXPECT_NEAR(value("mp@10.rop", untied({0, 1})), 1.0, kClose);
  EXPECT_NEAR(value("precision@10.plain", untied({0, 1})), 0.2, kClose);
}

}  // namespace
}  // namespace winnow
