#include "src/evaluation/compare.h"

#include <gtest/gtest.h>

#include <cmath>

#include "src/core/error.h"
#include "tests/unit/src/evaluation/evaluation_fixture.h"

namespace winnow {
namespace {

/// n queries with the given first-hit outcomes, everything else zero.
RetrievalResult result_with(const std::vector<double>& hits) {
  RetrievalResult out;
  for (size_t i = 0; i < hits.size(); ++i) {
    QueryResult q;
    q.query_row = static_cast<int64_t>(2 * i);
    q.hit_at = {hits[i]};
    q.precision_at = {0};
    out.queries.push_back(q);
  }
  return out;
}

TEST(PairedDifference, MeanAndIntervalOfTheDifferences) {
  std::vector<double> a, b;
  for (int i = 0; i < 200; ++i) {
    a.push_back(i % 2);
    b.push_back(i % 10 == 0 ? 1 : i % 2);  // 20 more right answers, none lost
  }
  const auto d = paired_difference(result_with(a), result_with(b), "recall@1", {1});
  EXPECT_NEAR(d.difference, 0.1, 1e-12);
  EXPECT_EQ(d.queries, 200);
  EXPECT_TRUE(d.certain());
  const double half = 1.96 * std::sqrt(0.1 * 0.9 / 200);
  EXPECT_NEAR(d.interval.low, 0.1 - half, 0.006);
  EXPECT_NEAR(d.interval.high, 0.1 + half, 0.006);
}

TEST(PairedDifference, EqualRunsDifferByNothing) {
  const auto d = paired_difference(result_with({0, 1, 1}), result_with({0, 1, 1}), "recall@1", {1}, 100);
  EXPECT_EQ(d.difference, 0.0);
  EXPECT_FALSE(d.certain());
}

TEST(PairedDifference, UsesTheQueriesBothHave) {
  auto b = result_with({1, 1, 1, 1});
  b.queries.erase(b.queries.begin() + 1);
  b.queries[0].query_row = 1;  // unknown to a
  const auto d = paired_difference(result_with({0, 0, 0, 1}), b, "recall@1", {1}, 100);
  EXPECT_EQ(d.queries, 2);
  EXPECT_NEAR(d.difference, 0.5, 1e-12);
}

TEST(PairedDifference, Errors) {
  EXPECT_THROW(paired_difference(result_with({0}), result_with({0}), "recall@5", {1}), Error);
  auto other = result_with({0});
  other.queries[0].query_row = 7;
  EXPECT_THROW(paired_difference(result_with({0}), other, "recall@1", {1}), Error);
}

}  // namespace
}  // namespace winnow
