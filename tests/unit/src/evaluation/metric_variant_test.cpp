#include "src/evaluation/metric_variant.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "src/core/error.h"

namespace winnow {
namespace {

/// Ranks of the relevant positions of one concrete order.
RankedList concrete(const std::vector<int>& relevance) {
  RankedList out;
  for (size_t i = 0; i < relevance.size(); ++i)
    if (relevance[i]) {
      out.ranks.push_back(static_cast<int64_t>(i));
      out.groups.push_back({static_cast<int64_t>(i), 1, 0});
    }
  return out;
}

/// Mean of a metric over every order within groups of equal scores.
double mean_over_orders(const MetricVariant& metric, const std::vector<std::vector<int>>& groups) {
  std::vector<std::vector<int>> sorted = groups;
  for (auto& g : sorted) std::sort(g.begin(), g.end());
  double sum = 0;
  int64_t count = 0;
  const std::function<void(size_t, std::vector<int>)> go = [&](size_t at, std::vector<int> head) {
    if (at == sorted.size()) {
      sum += metric.value(concrete(head), TieRule::kId);
      ++count;
      return;
    }
    auto order = sorted[at];  // distinct arrangements are equally likely
    do {
      auto next = head;
      next.insert(next.end(), order.begin(), order.end());
      go(at + 1, next);
    } while (std::next_permutation(order.begin(), order.end()));
  };
  go(0, {});
  return sum / static_cast<double>(count);
}

RankedList tied_list(const std::vector<std::vector<int>>& groups) {
  RankedList out;
  int64_t start = 0;
  for (const auto& g : groups) {
    const int64_t relevant = std::count(g.begin(), g.end(), 1), size = static_cast<int64_t>(g.size());
    for (int64_t i = 0; i < size; ++i)
      if (g[i]) out.ranks.push_back(start + i);
    if (relevant > 0) out.groups.push_back({start, relevant, size - relevant});
    start += size;
  }
  return out;
}

TEST(MetricVariant, ExpectedIsTheMeanOverAllOrdersForEveryMetric) {
  std::mt19937 random(5);
  for (int trial = 0; trial < 60; ++trial) {
    std::vector<std::vector<int>> groups;
    int relevant = 0;
    for (int g = 0; g < 3; ++g) {
      groups.emplace_back();
      for (unsigned i = 0; i < 1 + random() % 5; ++i) {
        groups.back().push_back(random() % 2);
        relevant += groups.back().back();
      }
    }
    if (relevant == 0) continue;
    for (const auto& name : all_metric_names({1, 2, 4, 7, 20})) {
      const auto metric = parse_metric(name);
      ASSERT_NEAR(metric.value(tied_list(groups), TieRule::kExpected), mean_over_orders(metric, groups), 1e-12)
          << name << " trial " << trial;
    }
  }
}

TEST(MetricVariant, ExpectedOfLargeTieGroupsStaysInRange) {
  RankedList list;
  for (int64_t i = 0; i < 3000; ++i) list.ranks.push_back(i);
  list.groups = {{0, 3000, 40'000}};
  for (const auto& name : all_metric_names({10, 5000})) {
    const double v = parse_metric(name).value(list, TieRule::kExpected);
    EXPECT_GE(v, 0.0) << name;
    EXPECT_LE(v, name == "ukb.ns" ? 4.0 : 1.0 + 1e-12) << name;
  }
  // A tenth of the hits of a random order: precision is 3000 / 43000 everywhere.
  EXPECT_NEAR(parse_metric("precision@10").value(list, TieRule::kExpected), 3.0 / 43, 1e-12);
}

TEST(MetricVariant, NamesAndTheirOtherNames) {
  EXPECT_EQ(parse_metric("hit@7").name, "recall@7");
  EXPECT_EQ(parse_metric("cmc@7").name, "recall@7");
  EXPECT_EQ(parse_metric("precision@7.plain").name, "precision@7");
  EXPECT_EQ(parse_metric("map@100.gldv2").k, 100);
  EXPECT_EQ(parse_metrics({"hit@1", "recall@1", "inp"}).size(), 2u);
  for (const char* wrong : {"map", "map@100", "recall@0", "map@.R", "map@1e3.R", "ap.fnite"})
    EXPECT_THROW(parse_metric(wrong), Error) << wrong;
  try {
    parse_metric("map");
    FAIL();
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), testing::HasSubstr("names several metrics that differ: map@r, ap.finite, ap.trapezoid"));
  }
}

TEST(MetricVariant, CutsOfALongListDifferByTheirDenominator) {
  RankedList list = concrete({1, 0, 1});
  list.missing = 2;  // R = 4
  EXPECT_NEAR(parse_metric("map@2.gldv2").value(list, TieRule::kId), 0.5, 1e-12);
  EXPECT_NEAR(parse_metric("map@2.R").value(list, TieRule::kId), 0.25, 1e-12);
  EXPECT_NEAR(parse_metric("map@2.hits").value(list, TieRule::kId), 1.0, 1e-12);
  EXPECT_NEAR(parse_metric("recall@3.true").value(list, TieRule::kId), 0.5, 1e-12);
  EXPECT_NEAR(parse_metric("knn_purity@2").value(list, TieRule::kId), 0.75, 1e-12);
}

}  // namespace
}  // namespace winnow
