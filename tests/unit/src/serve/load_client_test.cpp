#include "src/serve/load_client.h"

#include <gtest/gtest.h>

#include <numeric>

namespace winnow {
namespace {

TEST(LoadClient, PercentilesAreNearestRanks) {
  std::vector<double> v(100);
  std::iota(v.rbegin(), v.rend(), 1);
  const Percentiles p = percentiles(v);
  EXPECT_EQ(p.count, 100);
  EXPECT_DOUBLE_EQ(p.mean, 50.5);
  EXPECT_DOUBLE_EQ(p.p50, 50);
  EXPECT_DOUBLE_EQ(p.p90, 90);
  EXPECT_DOUBLE_EQ(p.p99, 99);
  EXPECT_DOUBLE_EQ(p.max, 100);
  EXPECT_DOUBLE_EQ(percentiles({7}).p99, 7);
  EXPECT_EQ(percentiles({}).count, 0);
}

TEST(LoadClient, ReadsServerTiming) {
  const auto steps = parse_server_timing("read;dur=0.250, net;dur=20.5, odd, x;dur=y");
  ASSERT_EQ(steps.size(), 2U);
  EXPECT_EQ(steps[0], (std::pair<std::string, double>{"read", 0.25}));
  EXPECT_EQ(steps[1].second, 20.5);
}

TEST(LoadClient, TablesShowEveryStep) {
  LoadResult r;
  r.connections = 64;
  r.answered = 10;
  r.failures["status 500"] = 2;
  r.steps = {{"net", percentiles({1, 2, 3})}};
  const std::string text = load_table({r});
  for (const char* part : {"64 connections", "net", "2 failed: status 500"})
    EXPECT_NE(text.find(part), std::string::npos) << part;
}

}  // namespace
}  // namespace winnow
