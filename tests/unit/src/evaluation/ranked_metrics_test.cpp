#include "src/evaluation/ranked_metrics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace winnow {
namespace {

QueryResult score(const RankedList& list, TieRule ties, const std::vector<int64_t>& ks = {1, 2, 3}) {
  QueryResult out;
  score_list(list, ties, ks, out);
  return out;
}

/// A list without ties from the ranks of its relevant items.
RankedList untied(std::vector<int64_t> ranks) {
  RankedList out;
  for (const int64_t r : ranks) out.groups.push_back({r, 1, 0});
  out.ranks = std::move(ranks);
  return out;
}

/// Scores best first and relevance in id order within equal scores.
RankedList from_scores(const std::vector<double>& scores, const std::vector<int>& relevance) {
  RankedList out;
  for (size_t i = 0; i < scores.size();) {
    TieGroup g{static_cast<int64_t>(i), 0, 0};
    size_t end = i;
    for (; end < scores.size() && scores[end] == scores[i]; ++end) {
      if (relevance[end]) out.ranks.push_back(static_cast<int64_t>(end));
      ++(relevance[end] ? g.relevant : g.others);
    }
    if (g.relevant > 0) out.groups.push_back(g);
    i = end;
  }
  return out;
}

TEST(RankedMetrics, TrapezoidAndFiniteAveragePrecision) {
  const auto mixed = score(untied({0, 2, 5}), TieRule::kId);
  EXPECT_NEAR(mixed.ap_trapezoid, 0.677778, 1e-6);
  EXPECT_NEAR(mixed.ap_finite, 0.722222, 1e-6);
  EXPECT_NEAR(score(untied({1}), TieRule::kId).ap_trapezoid, 0.25, 1e-12);
  EXPECT_NEAR(score(untied({4}), TieRule::kId).ap_trapezoid, 0.10, 1e-12);
  EXPECT_EQ(score(untied({0, 1, 2}), TieRule::kId).ap_trapezoid, 1.0);
}

TEST(RankedMetrics, CutOffAtR) {
  const auto list = score(untied({0, 2, 3, 5}), TieRule::kId);
  EXPECT_NEAR(list.map_at_r, 0.604167, 1e-6);
  EXPECT_NEAR(list.r_precision, 0.75, 1e-12);
  EXPECT_NEAR(list.ap_finite, 0.770833, 1e-6);
}

TEST(RankedMetrics, PlainPrecisionDividesByK) {
  EXPECT_NEAR(score(untied({0, 1}), TieRule::kId, {10}).precision_at[0], 0.2, 1e-12);
}

TEST(RankedMetrics, TiesOfOneRelevantAmongThree) {
  const auto list = from_scores({.9, .9, .9, .5}, {0, 1, 0, 1});
  EXPECT_TRUE(list.tied());
  EXPECT_EQ(score(list, TieRule::kOptimistic).hit_at[0], 1.0);
  EXPECT_EQ(score(list, TieRule::kPessimistic).hit_at[0], 0.0);
  EXPECT_EQ(score(list, TieRule::kId).hit_at[0], 0.0);
  const auto expected = score(list, TieRule::kExpected);
  EXPECT_NEAR(expected.hit_at[0], 1.0 / 3, 1e-12);
  EXPECT_NEAR(expected.hit_at[1], 2.0 / 3, 1e-12);
  EXPECT_NEAR(score(list, TieRule::kOptimistic).ap_finite, 0.75, 1e-12);
  EXPECT_NEAR(score(list, TieRule::kPessimistic).ap_finite, 0.416667, 1e-6);
  EXPECT_NEAR(expected.ap_finite, 0.555556, 1e-6);
  EXPECT_NEAR(score(list, TieRule::kId).ap_finite, 0.5, 1e-12);
  EXPECT_NEAR(expected.ap_trapezoid, 0.444444, 1e-6);
}

TEST(RankedMetrics, TiesInTwoGroups) {
  const auto expected = score(from_scores({.9, .9, .9, .5, .5, .3}, {1, 1, 0, 1, 0, 1}), TieRule::kExpected);
  EXPECT_NEAR(expected.ap_finite, 0.738194, 1e-6);
  EXPECT_NEAR(expected.ap_trapezoid, 0.683681, 1e-6);
}

/// Every order of the tied items, each scored as a plain list.
std::vector<double> mean_over_orders(const std::vector<double>& scores, const std::vector<int>& relevance) {
  std::vector<size_t> order(scores.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::vector<double> sum;
  int64_t count = 0;
  do {
    if (!std::is_sorted(order.begin(), order.end(), [&](size_t a, size_t b) { return scores[a] > scores[b]; }))
      continue;
    std::vector<int64_t> ranks;
    for (size_t i = 0; i < order.size(); ++i)
      if (relevance[order[i]]) ranks.push_back(static_cast<int64_t>(i));
    const auto values = metric_values(score(untied(ranks), TieRule::kId));
    sum.resize(values.size());
    for (size_t m = 0; m < values.size(); ++m) sum[m] += values[m];
    ++count;
  } while (std::next_permutation(order.begin(), order.end()));
  for (auto& s : sum) s /= static_cast<double>(count);
  return sum;
}

TEST(RankedMetrics, ExpectedIsTheMeanOverAllOrders) {
  std::mt19937 random(5);
  for (int round = 0; round < 40; ++round) {
    const size_t n = 3 + random() % 5;
    std::vector<double> scores(n);
    std::vector<int> relevance(n);
    for (auto& s : scores) s = static_cast<double>(random() % 3);
    std::sort(scores.rbegin(), scores.rend());
    for (auto& r : relevance) r = static_cast<int>(random() % 2);
    relevance[random() % n] = 1;
    const auto brute = mean_over_orders(scores, relevance);
    const auto closed = metric_values(score(from_scores(scores, relevance), TieRule::kExpected));
    ASSERT_EQ(closed.size(), brute.size());
    for (size_t m = 0; m < brute.size(); ++m) EXPECT_NEAR(closed[m], brute[m], 1e-12) << "round " << round << " " << m;
  }
}

TEST(RankedMetrics, AllRelevantHitsForCertainPastTheOthers) {
  const RankedList list{{0, 1, 2}, {{0, 3, 2}}};
  const auto expected = score(list, TieRule::kExpected, {1, 3, 100});
  EXPECT_NEAR(expected.hit_at[0], 0.6, 1e-12);
  EXPECT_EQ(expected.hit_at[1], 1.0);
  EXPECT_EQ(expected.hit_at[2], 1.0);
}

TEST(RankedMetrics, InterpolatedPrecision) {
  std::array<int64_t, kRecallLevels> sums{};
  add_precision_at_recall({0, 3}, sums);
  const auto at = [&](int level) { return static_cast<double>(sums[level]) / kPrecisionUnit; };
  EXPECT_EQ(at(0), 1.0);
  EXPECT_EQ(at(50), 1.0);
  EXPECT_EQ(at(51), 0.5);
  EXPECT_EQ(at(100), 0.5);
  sums = {};
  add_precision_at_recall({2, 3, 4}, sums);  // precisions 1/3, 2/4, 3/5: the last is the highest everywhere
  for (const int level : {0, 33, 34, 67, 100}) EXPECT_NEAR(at(level), 0.6, 1e-9) << level;
}

}  // namespace
}  // namespace winnow
