#include "src/evaluation/top_pass.h"

#include <gtest/gtest.h>

#include <limits>

#include "src/core/error.h"
#include "tests/unit/src/evaluation/evaluation_fixture.h"

namespace winnow {
namespace {

using test::Rows;

const std::vector<std::string> kShallow = {"recall@1",  "recall@20.true", "precision@7", "precision@10.oml",
                                           "mp@10.rop", "map@r",          "r_precision", "map@9.gldv2",
                                           "map@9.R",   "map@9.hits",     "ukb.ns",      "knn_purity@12"};

/// The first ranks alone give every metric and hit of the whole ranking, with the sieve and without.
void expect_same_as_whole(const Rows& queries, const Rows& gallery, RetrievalOptions options) {
  options.metrics = kShallow;
  options.bootstrap = 20;
  const auto whole = evaluate_retrieval(queries.view(), gallery.view(), options);
  options.only_metrics = true;
  for (const bool sieve : {true, false}) {
    options.sieve = sieve;
    const auto first = evaluate_retrieval(queries.view(), gallery.view(), options);
    EXPECT_FALSE(first.whole);
    ASSERT_EQ(first.metrics.size(), kShallow.size());
    for (const auto& [name, value] : first.metrics) EXPECT_EQ(value, whole.metrics.at(name)) << name;
    for (const auto& [name, i] : first.intervals) EXPECT_EQ(i.low, whole.intervals.at(name).low) << name;
    ASSERT_EQ(first.queries.size(), whole.queries.size());
    for (size_t q = 0; q < first.queries.size(); ++q) {
      const auto &a = first.queries[q], &b = whole.queries[q];
      ASSERT_EQ(a.relevant, b.relevant);
      ASSERT_EQ(a.extra, b.extra);
      if (a.first_rank >= 0) {
        ASSERT_EQ(a.first_rank, b.first_rank);
        ASSERT_EQ(a.best_relevant.gallery_row, b.best_relevant.gallery_row);
      }
      ASSERT_EQ(a.top.size(), b.top.size());
      for (size_t i = 0; i < a.top.size(); ++i) {
        ASSERT_EQ(a.top[i].gallery_row, b.top[i].gallery_row);
        ASSERT_EQ(a.top[i].score, b.top[i].score);
      }
    }
  }
}

TEST(TopPass, EqualsTheWholeRankingWithTiesAndLoneLabels) {
  expect_same_as_whole(test::random_rows(1, 60, 3, 9), test::random_rows(2, 333, 3, 11), {});
  expect_same_as_whole(test::random_rows(3, 150, 2, 40), test::random_rows(3, 150, 2, 40), {.same_set = true});
}

TEST(TopPass, EqualsTheWholeRankingOverSeveralTiles) {
  expect_same_as_whole(test::clustered_rows(5, 90, 17, 40, 0.7f), test::clustered_rows(5, 7001, 17, 40, 0.7f), {});
  const auto set = test::clustered_rows(7, 5000, 140, 60, 2.0f);
  expect_same_as_whole(set, set, {.same_set = true, .keep_hits = 0});
  expect_same_as_whole(set, set, {.same_set = true, .memory = uint64_t{13} << 20});
}

TEST(TopPass, LeavesMasksOut) {
  const auto queries = test::clustered_rows(8, 200, 9, 12, 0.5f), gallery = test::clustered_rows(9, 3000, 9, 12, 0.5f);
  std::vector<int64_t> query_camera, gallery_camera;
  for (int64_t i = 0; i < 200; ++i) query_camera.push_back(i % 4);
  for (int64_t i = 0; i < 3000; ++i) gallery_camera.push_back(i % 5 - 1);
  RetrievalOptions options;
  options.masks.query_camera = query_camera;
  options.masks.gallery_camera = gallery_camera;
  expect_same_as_whole(queries, gallery, options);
}

TEST(TopPass, DeepMetricsAndOtherTieRulesCountWholeRankings) {
  const auto set = test::random_rows(3, 400, 2, 40);
  RetrievalOptions options{
      .same_set = true, .bootstrap = 0, .metrics = {"recall@1", "ap.finite"}, .only_metrics = true};
  const auto deep = evaluate_retrieval(set.view(), set.view(), options);
  EXPECT_TRUE(deep.whole);
  EXPECT_EQ(deep.metrics.size(), 2u);
  options.metrics = {"recall@1"};
  options.ties = TieRule::kExpected;
  EXPECT_TRUE(evaluate_retrieval(set.view(), set.view(), options).whole);
  options.metrics.clear();
  EXPECT_THROW(evaluate_retrieval(set.view(), set.view(), options), Error);
}

/// Whoever reaches a threshold must be found: rows of very different norms, a zero row, one great component.
TEST(ByteSieve, NeverLosesAPair) {
  const ByteSieve* sieve = byte_sieve();
  if (!sieve) GTEST_SKIP() << "this CPU has no 8-bit products";
  const int64_t dim = 37, n = 203, panels = (n + kPanel - 1) / kPanel;
  auto rows = test::clustered_rows(4, n, dim, 6, 1.5f);
  for (int64_t k = 0; k < dim; ++k) rows.vectors[5 * dim + k] = 0, rows.vectors[9 * dim + k] *= 1e-3f;
  rows.vectors[11 * dim] = 40;
  ByteGallery gallery;
  gallery.resize(n, dim);
  gallery.pack(rows.vectors.data(), 0, n);
  std::vector<int64_t> all(n);
  for (int64_t i = 0; i < n; ++i) all[i] = i;
  ByteQueries queries;
  queries.pack(rows.vectors.data(), all, dim, sieve->rows);
  std::vector<uint16_t> found(static_cast<size_t>(sieve->rows) * 256);
  std::vector<uint32_t> counts(static_cast<size_t>(sieve->rows));
  int64_t kept = 0;
  for (int64_t q = 0; q < n; ++q) {
    const float* a = rows.vectors.data() + q * dim;
    for (const float threshold : {-0.2f, 0.0f, 0.31f, 0.9f}) {
      std::vector<ByteLimits> limits(static_cast<size_t>(sieve->rows),
                                     {0, 0, 0, std::numeric_limits<float>::infinity()});
      const auto slot = static_cast<size_t>(q % sieve->rows);
      limits[slot] = queries.limits(static_cast<size_t>(q), threshold);
      sieve->find(queries.call(static_cast<size_t>(q / sieve->rows)), gallery.panel(0), gallery.quads(), panels,
                  gallery.columns(0), limits.data(), found.data(), 256, counts.data());
      size_t at = 0;
      const uint16_t* mine = found.data() + slot * 256;
      for (int64_t j = 0; j < n; ++j) {
        float score = 0;
        for (int64_t k = 0; k < dim; ++k) score = std::fmaf(a[k], rows.vectors[j * dim + k], score);
        const bool is_found = at < counts[slot] && mine[at] == j;
        at += is_found ? 1 : 0;
        ASSERT_TRUE(is_found || score < threshold) << q << " " << j << " " << threshold;
        kept += is_found && score < threshold ? 1 : 0;
      }
      ASSERT_EQ(at, counts[slot]) << "found behind the last vector";
    }
  }
  EXPECT_LT(kept, n * n * 4 / 20);  // and few in vain
}

}  // namespace
}  // namespace winnow
