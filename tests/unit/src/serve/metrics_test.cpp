#include "src/serve/metrics.h"

#include <gtest/gtest.h>

#include <thread>

namespace winnow {
namespace {

TEST(Metrics, TextFormat) {
  Metrics metrics;
  metrics.describe("hits_total", "Hits.");
  metrics.count("hits_total", metric_label("route", "/a"));
  metrics.count("hits_total", metric_label("route", "/a"), 2);
  metrics.gauge("level", [] { return 1.5; });
  metrics.observe("wait_seconds", "", 0.003);
  metrics.observe("wait_seconds", "", 0.0025);  // a bound belongs to its bucket
  metrics.observe("wait_seconds", "", 99);
  const std::string text = metrics.text();
  for (const char* line :
       {"# HELP hits_total Hits.\n# TYPE hits_total counter\nhits_total{route=\"/a\"} 3\n",
        "# TYPE level gauge\nlevel 1.5\n", "# TYPE wait_seconds histogram\n", "wait_seconds_bucket{le=\"0.001\"} 0\n",
        "wait_seconds_bucket{le=\"0.0025\"} 1\n", "wait_seconds_bucket{le=\"0.005\"} 2\n",
        "wait_seconds_bucket{le=\"10\"} 2\n", "wait_seconds_bucket{le=\"+Inf\"} 3\n", "wait_seconds_sum 99.0055\n",
        "wait_seconds_count 3\n"})
    EXPECT_NE(text.find(line), std::string::npos) << line << "not in\n" << text;
}

TEST(Metrics, LabelsAreEscaped) { EXPECT_EQ(metric_label("a", "x\"y\\z\n"), "a=\"x\\\"y\\\\z\\n\""); }

TEST(Metrics, CountsFromManyThreads) {
  Metrics metrics;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) metrics.count("n", "");
    });
  for (auto& thread : threads) thread.join();
  EXPECT_NE(metrics.text().find("n 4000\n"), std::string::npos);
}

TEST(Metrics, ResidentMemoryIsKnown) { EXPECT_GT(resident_bytes(), 1e6); }

}  // namespace
}  // namespace winnow
