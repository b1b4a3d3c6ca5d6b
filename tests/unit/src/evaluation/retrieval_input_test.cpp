#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "src/core/error.h"
#include "src/core/parallel.h"
#include "src/evaluation/retrieval.h"
#include "tests/unit/src/evaluation/evaluation_fixture.h"

namespace winnow {
namespace {

using test::Rows;

void expect_error(const VectorSet& queries, const VectorSet& gallery, const RetrievalOptions& options, ErrorCode code,
                  const std::string& part) {
  try {
    evaluate_retrieval(queries, gallery, options);
    FAIL() << "no error; expected: " << part;
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), code) << e.what();
    EXPECT_THAT(e.what(), testing::HasSubstr(part));
  }
}

TEST(RetrievalInput, WrongSizes) {
  const auto set = test::random_rows(1, 10, 4, 2);
  auto view = set.view();
  view.rows = 9;
  expect_error(view, set.view(), {}, ErrorCode::kShape, "given 9 x 4 with 40 values, 10 labels");
  const auto other = test::random_rows(1, 10, 5, 2);
  expect_error(set.view(), other.view(), {}, ErrorCode::kShape, "same dimension, given 4 and 5");
  expect_error(set.view(), set.view(), {.ks = {0}}, ErrorCode::kShape, "at least 1, given 0");
  expect_error(VectorSet{}, set.view(), {}, ErrorCode::kShape, "queries");
}

TEST(RetrievalInput, NonFiniteVectorIsNamedByRow) {
  const auto set = test::random_rows(1, 10, 4, 2);
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(), 3e38f}) {
    auto broken = set;
    broken.vectors[7 * 4 + 2] = bad;
    expect_error(set.view(), broken.view(), {}, ErrorCode::kNumeric, "row 7 of gallery");
  }
}

TEST(RetrievalInput, EqualIds) {
  auto set = test::random_rows(1, 10, 4, 2);
  set.ids[8] = set.ids[2];
  expect_error(set.view(), set.view(), {}, ErrorCode::kData, "rows 2 and 8 both have id");
}

TEST(RetrievalInput, NoAnswerableQuery) {
  const Rows queries{1, {1, 1}, {5, -1}, {0, 1}}, gallery{1, {1, 1}, {6, -1}, {0, 1}};
  expect_error(queries.view(), gallery.view(), {}, ErrorCode::kData, "none of the 2 queries");
}

TEST(RetrievalInput, ScoresBeyondOneAreRankedToo) {
  // Not unit vectors: all fall into the outermost buckets, and the ranks must still be exact.
  const Rows queries{1, {10}, {1}, {0}}, gallery{1, {3, 5, 4, -9, -8}, {1, 0, 0, 1, 0}, {0, 1, 2, 3, 4}};
  const auto result = evaluate_retrieval(queries.view(), gallery.view(), {.ks = {1, 3}});
  EXPECT_EQ(result.queries[0].first_rank, 2);
  EXPECT_NEAR(result.metrics.at("ap.finite"), (1.0 / 3 + 2.0 / 5) / 2, 1e-12);
}

TEST(RetrievalInput, ProgressCountsEveryAnswerableQuery) {
  const auto set = test::random_rows(2, 500, 3, 20);
  std::vector<int64_t> seen;
  const auto result = evaluate_retrieval(set.view(), set.view(), {.same_set = true, .bootstrap = 0},
                                         [&](int64_t done) { seen.push_back(done); });
  ASSERT_GT(seen.size(), 1u);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_EQ(seen.back(), static_cast<int64_t>(result.queries.size()));
}

TEST(RetrievalInput, ProgressMayStopTheEvaluation) {
  const auto set = test::random_rows(2, 500, 3, 20);
  const auto stop = [](int64_t) { throw Error(ErrorCode::kInterrupted, "stop"); };
  EXPECT_THROW(evaluate_retrieval(set.view(), set.view(), {}, stop), Error);
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define WINNOW_MEMORY_TEST DISABLED_MemoryStaysWithinTheBudget
#else
#define WINNOW_MEMORY_TEST MemoryStaysWithinTheBudget
#endif
TEST(RetrievalInput, WINNOW_MEMORY_TEST) {
  const auto set = test::clustered_rows(3, 20'000, 32, 400, 3.0f);
  const uint64_t before = peak_rss_bytes();
  const auto result =
      evaluate_retrieval(set.view(), set.view(), {.same_set = true, .memory = uint64_t{64} << 20, .bootstrap = 100});
  EXPECT_EQ(result.queries.size(), 20'000u);
  // 64 MiB of tiles and about 1 KiB a query of results; the N x N matrix would be 1.6 GB.
  EXPECT_LT(peak_rss_bytes() - before, (uint64_t{64} << 20) + 20'000 * uint64_t{1024});
}

}  // namespace
}  // namespace winnow
