#include "src/evaluation/bootstrap.h"

#include <gtest/gtest.h>

#include <cmath>

#include "src/core/parallel.h"

namespace winnow {
namespace {

/// Two columns: 300 coin flips with 30 % ones, and a constant.
std::vector<double> coin_flips() {
  std::vector<double> out;
  for (int i = 0; i < 300; ++i) {
    out.push_back(i % 10 < 3 ? 1.0 : 0.0);
    out.push_back(0.25);
  }
  return out;
}

TEST(Bootstrap, MatchesTheNormalIntervalOfAProportion) {
  const auto intervals = bootstrap_means(coin_flips(), 2, 4000, 1);
  ASSERT_EQ(intervals.size(), 2u);
  const double half = 1.96 * std::sqrt(0.3 * 0.7 / 300);  // 0.0519
  EXPECT_NEAR(intervals[0].low, 0.3 - half, 0.006);
  EXPECT_NEAR(intervals[0].high, 0.3 + half, 0.006);
  EXPECT_EQ(intervals[1].low, 0.25);
  EXPECT_EQ(intervals[1].high, 0.25);
}

TEST(Bootstrap, DependsOnTheSeedAlone) {
  const int before = thread_count();
  const auto first = bootstrap_means(coin_flips(), 2, 200, 7);
  set_thread_count(before == 1 ? 3 : 1);
  const auto again = bootstrap_means(coin_flips(), 2, 200, 7);
  set_thread_count(before);
  EXPECT_EQ(first[0].low, again[0].low);
  EXPECT_EQ(first[0].high, again[0].high);
  const auto other = bootstrap_means(coin_flips(), 2, 200, 8);
  EXPECT_TRUE(first[0].low != other[0].low || first[0].high != other[0].high);
}

TEST(Bootstrap, OneRowHasNoSpread) {
  const auto intervals = bootstrap_means({0.5}, 1, 10, 1);
  EXPECT_EQ(intervals[0].low, 0.5);
  EXPECT_EQ(intervals[0].high, 0.5);
}

}  // namespace
}  // namespace winnow
