#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "src/core/parallel.h"
#include "src/evaluation/retrieval.h"
#include "tests/unit/src/evaluation/evaluation_fixture.h"

namespace winnow {
namespace {

using test::Rows;

struct NaiveQuery {
  std::map<std::string, double> metrics;
  std::vector<int64_t> order;  ///< gallery rows, best first
  int64_t relevant = 0;
};

/// Sorts the whole list in long double and reads the definitions off it (retrieval.md 1.1).
NaiveQuery naive_query(const Rows& queries, const Rows& gallery, size_t q, bool same_set, TieRule ties,
                       const std::vector<int64_t>& ks) {
  struct Item {
    long double score;
    bool relevant;
    int64_t row;
  };
  std::vector<Item> items;
  for (size_t g = 0; g < gallery.labels.size(); ++g) {
    if (same_set && gallery.ids[g] == queries.ids[q]) continue;
    long double score = 0;
    for (int64_t k = 0; k < queries.dim; ++k)
      score += static_cast<long double>(queries.vectors[q * queries.dim + k]) * gallery.vectors[g * queries.dim + k];
    items.push_back({score, queries.labels[q] >= 0 && gallery.labels[g] == queries.labels[q], static_cast<int64_t>(g)});
  }
  std::sort(items.begin(), items.end(), [&](const Item& a, const Item& b) {
    if (a.score != b.score) return a.score > b.score;
    if (ties == TieRule::kOptimistic && a.relevant != b.relevant) return a.relevant;
    if (ties == TieRule::kPessimistic && a.relevant != b.relevant) return b.relevant;
    return gallery.ids[a.row] < gallery.ids[b.row];
  });
  NaiveQuery out;
  for (const auto& item : items) out.relevant += item.relevant;
  if (out.relevant == 0) return out;
  double hits = 0, finite = 0, trapezoid = 0, at_r = 0, mrr = 0, within_r = 0;
  std::map<int64_t, double> hits_at;
  for (size_t i = 0; i < items.size(); ++i) {
    out.order.push_back(items[i].row);
    const double rank = static_cast<double>(i);
    if (items[i].relevant) {
      trapezoid += ((i == 0 ? 1.0 : hits / rank) + (hits + 1) / (rank + 1)) / 2;
      if (hits == 0) mrr = 1 / (rank + 1);
      hits += 1;
      finite += hits / (rank + 1);
      if (static_cast<int64_t>(i) < out.relevant) at_r += hits / (rank + 1);
    }
    if (static_cast<int64_t>(i) < out.relevant) within_r = hits;
    for (const int64_t k : ks)
      if (static_cast<int64_t>(i) < k) hits_at[k] = hits;
  }
  const auto total = static_cast<double>(out.relevant);
  out.metrics = {{"ap.finite", finite / total},
                 {"ap.trapezoid", trapezoid / total},
                 {"map@r", at_r / total},
                 {"r_precision", within_r / total},
                 {"mrr", mrr}};
  for (const int64_t k : ks) {
    out.metrics["recall@" + std::to_string(k)] = hits_at[k] > 0;
    out.metrics["precision@" + std::to_string(k)] = hits_at[k] / static_cast<double>(k);
  }
  return out;
}

void expect_equals_naive(const Rows& queries, const Rows& gallery, bool same_set, TieRule ties) {
  RetrievalOptions options;
  options.ks = {1, 3, 10, 1000};
  options.same_set = same_set;
  options.ties = ties;
  options.bootstrap = 0;
  const auto result = evaluate_retrieval(queries.view(), gallery.view(), options);
  std::map<std::string, double> sums;
  size_t at = 0;
  for (size_t q = 0; q < queries.labels.size(); ++q) {
    const auto naive = naive_query(queries, gallery, q, same_set, ties, options.ks);
    if (naive.relevant == 0) continue;
    ASSERT_LT(at, result.queries.size());
    const auto& fast = result.queries[at++];
    ASSERT_EQ(fast.query_row, static_cast<int64_t>(q));
    ASSERT_EQ(fast.relevant, naive.relevant);
    ASSERT_NEAR(fast.ap_finite, naive.metrics.at("ap.finite"), 1e-9) << "query " << q;
    for (size_t i = 0; ties == TieRule::kId && i < fast.top.size(); ++i)
      ASSERT_EQ(fast.top[i].gallery_row, naive.order[i]) << q << " " << i;
    for (const auto& [name, value] : naive.metrics) sums[name] += value;
  }
  ASSERT_EQ(at, result.queries.size());
  ASSERT_EQ(result.excluded, static_cast<int64_t>(queries.labels.size() - at));
  for (const auto& [name, sum] : sums)
    EXPECT_NEAR(result.metrics.at(name), sum / static_cast<double>(at), 1e-9) << name;
}

TEST(RetrievalAgainstNaive, TiesLoneAndMissingLabels) {
  for (const TieRule ties : {TieRule::kId, TieRule::kOptimistic, TieRule::kPessimistic}) {
    expect_equals_naive(test::random_rows(1, 60, 3, 9), test::random_rows(2, 333, 3, 11), false, ties);
    expect_equals_naive(test::random_rows(3, 150, 2, 40), test::random_rows(3, 150, 2, 40), true, ties);
    expect_equals_naive(test::random_rows(4, 90, 1, 3), test::random_rows(4, 90, 1, 3), true, ties);
  }
}

TEST(RetrievalAgainstNaive, GalleryOverSeveralTiles) {
  expect_equals_naive(test::random_rows(5, 40, 4, 5), test::random_rows(6, 5000, 4, 5), false, TieRule::kId);
  const auto set = test::random_rows(7, 700, 140, 30);  // more than one chunk of the kernel
  expect_equals_naive(set, set, true, TieRule::kId);
}

/// Everything but the time, and gallery rows as ids.
void expect_same(const RetrievalResult& a, const RetrievalResult& b, const Rows& gallery_a, const Rows& gallery_b) {
  EXPECT_EQ(a.metrics, b.metrics);
  EXPECT_EQ(a.positive_histogram, b.positive_histogram);
  EXPECT_EQ(a.negative_histogram, b.negative_histogram);
  EXPECT_EQ(a.mean_positive, b.mean_positive);
  EXPECT_EQ(a.mean_negative, b.mean_negative);
  EXPECT_EQ(a.precision_at_recall, b.precision_at_recall);
  EXPECT_EQ(a.ties, b.ties);
  for (const auto& [name, interval] : a.intervals) {
    EXPECT_EQ(interval.low, b.intervals.at(name).low) << name;
    EXPECT_EQ(interval.high, b.intervals.at(name).high) << name;
  }
  ASSERT_EQ(a.queries.size(), b.queries.size());
  for (size_t q = 0; q < a.queries.size(); ++q) {
    ASSERT_EQ(a.queries[q].first_rank, b.queries[q].first_rank);
    ASSERT_EQ(a.queries[q].top.size(), b.queries[q].top.size());
    for (size_t i = 0; i < a.queries[q].top.size(); ++i) {
      ASSERT_EQ(a.queries[q].top[i].score, b.queries[q].top[i].score);
      ASSERT_EQ(gallery_a.ids[a.queries[q].top[i].gallery_row], gallery_b.ids[b.queries[q].top[i].gallery_row]);
    }
  }
}

class RetrievalInvariance : public testing::Test {
 protected:
  void TearDown() override { set_thread_count(threads_); }
  RetrievalResult run(const Rows& gallery, const RetrievalOptions& options) const {
    return evaluate_retrieval(queries_.view(), gallery.view(), options);
  }
  int threads_ = thread_count();
  Rows queries_ = test::random_rows(11, 130, 3, 12), gallery_ = test::random_rows(12, 3000, 3, 12);
  RetrievalOptions options_{.ks = {1, 5}, .bootstrap = 50};
};

TEST_F(RetrievalInvariance, TileSizeAndThreads) {
  set_thread_count(1);
  const auto one = run(gallery_, options_);
  for (const int threads : {2, 5}) {
    set_thread_count(threads);
    expect_same(one, run(gallery_, options_), gallery_, gallery_);
  }
  for (const uint64_t memory : {uint64_t{1}, uint64_t{200'000}}) {
    options_.memory = memory;
    expect_same(one, run(gallery_, options_), gallery_, gallery_);
  }
}

TEST_F(RetrievalInvariance, GalleryOrder) {
  std::vector<size_t> order(gallery_.labels.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::shuffle(order.begin(), order.end(), std::mt19937(3));
  const auto shuffled = gallery_.permuted(order);
  expect_same(run(gallery_, options_), run(shuffled, options_), gallery_, shuffled);
}

TEST(RetrievalProperty, InequalitiesHoldForEveryQuery) {
  for (const TieRule ties : {TieRule::kId, TieRule::kExpected, TieRule::kOptimistic, TieRule::kPessimistic}) {
    const auto set = test::random_rows(21, 400, 2, 15);
    RetrievalOptions options{.ks = {1, 2, 5, 50}, .same_set = true, .ties = ties, .bootstrap = 0};
    for (const auto& q : evaluate_retrieval(set.view(), set.view(), options).queries) {
      EXPECT_LE(q.map_at_r, q.r_precision + 1e-12);
      EXPECT_LE(q.r_precision, 1.0 + 1e-12);
      EXPECT_LE(q.ap_trapezoid, q.ap_finite + 1e-12);
      EXPECT_TRUE(std::is_sorted(q.hit_at.begin(), q.hit_at.end()));
    }
  }
}

TEST(RetrievalProperty, ExpectedLiesBetweenTheExtremes) {
  const auto set = test::random_rows(22, 300, 2, 15);
  std::map<TieRule, RetrievalResult> by;
  for (const TieRule ties : {TieRule::kExpected, TieRule::kOptimistic, TieRule::kPessimistic}) {
    RetrievalOptions options{.ks = {1, 5}, .same_set = true, .ties = ties, .bootstrap = 0};
    by[ties] = evaluate_retrieval(set.view(), set.view(), options);
  }
  EXPECT_GT(by[TieRule::kExpected].ties, 100);
  for (const auto& [name, value] : by[TieRule::kExpected].metrics) {
    EXPECT_LT(value, by[TieRule::kOptimistic].metrics.at(name)) << name;
    EXPECT_GT(value, by[TieRule::kPessimistic].metrics.at(name)) << name;
  }
}

TEST(RetrievalProperty, PerfectRankingIsOne) {
  const auto set = test::clustered_rows(23, 200, 64, 10, 0.05f);
  RetrievalOptions options{.ks = {1, 5}, .same_set = true};
  const auto result = evaluate_retrieval(set.view(), set.view(), options);
  for (const char* name : {"recall@1", "recall@5", "map@r", "r_precision", "ap.finite", "ap.trapezoid", "mrr"}) {
    EXPECT_EQ(result.metrics.at(name), 1.0) << name;
    EXPECT_EQ(result.intervals.at(name).low, 1.0) << name;
  }
  for (const double p : result.precision_at_recall) EXPECT_EQ(p, 1.0);
  EXPECT_GT(result.mean_positive, 0.95);
}

TEST(RetrievalProperty, AddingANegativeNeverRaisesAveragePrecision) {
  auto gallery = test::random_rows(24, 200, 3, 8);
  const auto queries = test::random_rows(25, 50, 3, 8);
  const RetrievalOptions options{.bootstrap = 0};
  const auto before = evaluate_retrieval(queries.view(), gallery.view(), options);
  for (int i = 0; i < 3; ++i) {
    gallery.vectors.insert(gallery.vectors.end(), {0.3f, 0.2f, 0.1f * static_cast<float>(i)});
    gallery.labels.push_back(-1);
    gallery.ids.push_back(100'000 + i);
  }
  const auto after = evaluate_retrieval(queries.view(), gallery.view(), options);
  for (size_t q = 0; q < before.queries.size(); ++q)
    EXPECT_LE(after.queries[q].ap_finite, before.queries[q].ap_finite + 1e-12);
  EXPECT_LT(after.metrics.at("ap.finite"), before.metrics.at("ap.finite"));
}

}  // namespace
}  // namespace winnow
