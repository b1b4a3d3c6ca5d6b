#include "retrieval/exact_scan.h"

#include <limits>

#include "tests/unit/retrieval/support.h"

namespace winnow {
namespace {

TEST(ExactScan, ScoreAgreesWithTheTextbookForEveryLength) {
  for (int64_t dim = 1; dim <= 40; ++dim) {
    const auto rows = test::clustered(2, dim, 2, static_cast<uint64_t>(dim));
    std::vector<float> unit(rows.size());
    ASSERT_TRUE(normalise(rows.data(), unit.data(), dim));
    ASSERT_TRUE(normalise(rows.data() + dim, unit.data() + dim, dim));
    EXPECT_NEAR(exact_score(unit.data(), unit.data() + dim, dim), test::naive_cosine(&rows[0], &rows[size_t(dim)], dim),
                1e-6);
  }
}

/// The order of additions that the header promises, one after the other.
float in_fixed_order(const float* a, const float* b, int64_t dim) {
  double lane[8] = {};
  for (int64_t i = 0; i < dim; ++i) lane[i % 8] += static_cast<double>(a[i]) * b[i];
  return static_cast<float>(((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7])));
}

TEST(ExactScan, ScoreHasTheSameBitsOnEveryProcessor) {
  Random random(9, "bits");
  for (int64_t dim = 1; dim <= 200; ++dim) {
    std::vector<float> a, b;
    for (int64_t i = 0; i < dim; ++i) {
      a.push_back(static_cast<float>(random.normal()));
      b.push_back(static_cast<float>(random.normal()));
    }
    normalise(a.data(), a.data(), dim);
    normalise(b.data(), b.data(), dim);
    EXPECT_EQ(exact_score(a.data(), b.data(), dim), in_fixed_order(a.data(), b.data(), dim)) << dim;
  }
}

TEST(ExactScan, ScoreIsClamped) {
  const std::vector<float> a = {1.0001f, 0}, b = {-1.0001f, 0};
  EXPECT_EQ(exact_score(a.data(), a.data(), 2), 1.0f);
  EXPECT_EQ(exact_score(a.data(), b.data(), 2), -1.0f);
}

TEST(ExactScan, NormaliseTakesEveryFiniteSize) {
  std::vector<float> out(2);
  for (const float size : {1e-38f, 1e-30f, 1.0f, 1e30f, std::numeric_limits<float>::max()}) {
    const std::vector<float> v = {size, -size};
    ASSERT_TRUE(normalise(v.data(), out.data(), 2)) << size;
    EXPECT_FLOAT_EQ(out[0], 0.70710678f) << size;
    EXPECT_FLOAT_EQ(out[1], -0.70710678f) << size;
  }
  EXPECT_FALSE(normalise(std::vector<float>{0, 0}.data(), out.data(), 2));
  EXPECT_FALSE(normalise(std::vector<float>{NAN, 1}.data(), out.data(), 2));
  EXPECT_FALSE(normalise(std::vector<float>{INFINITY, 1}.data(), out.data(), 2));
}

TEST(ExactScan, TopKKeepsTheBestInAnyOrderOfPushing) {
  std::vector<Scored> all;
  for (int64_t i = 0; i < 60; ++i) all.push_back({static_cast<float>(i % 5), i});
  std::vector<Scored> sorted = all;
  std::sort(sorted.begin(), sorted.end(), better);
  Random random(3, "shuffle");
  for (const int64_t k : {0, 1, 7, 60, 100}) {
    random.shuffle(all);
    TopK top(k);
    for (const auto& s : all) top.push(s);
    const auto got = std::move(top).sorted();
    ASSERT_EQ(got.size(), std::min<size_t>(static_cast<size_t>(k), 60));
    for (size_t i = 0; i < got.size(); ++i) EXPECT_EQ(got[i].position, sorted[i].position) << "k " << k;
  }
}

TEST(ExactScan, RowSetCountsEachRowOnce) {
  RowSet rows(20);
  for (const int64_t at : {0, 7, 8, 19, 8}) rows.insert(at);
  EXPECT_EQ(rows.count(), 4);
  for (int64_t i = 0; i < 20; ++i) EXPECT_EQ(rows.contains(i), i == 0 || i == 7 || i == 8 || i == 19) << i;
}

TEST(ExactScan, ThreadsAndFilterDoNotChangeTheOrder) {
  constexpr int64_t kRows = 20'003, kDim = 4;
  auto rows = test::clustered(kRows, kDim, 20, 5);
  std::copy_n(rows.begin(), kDim * 50, rows.begin() + kDim * 10'000);  // 50 rows twice: ties
  for (int64_t i = 0; i < kRows; ++i) normalise(&rows[size_t(i * kDim)], &rows[size_t(i * kDim)], kDim);
  RowSet allowed(kRows);
  for (int64_t i = 3; i < kRows; i += 11) allowed.insert(i);
  for (const RowSet* set : {static_cast<const RowSet*>(nullptr), static_cast<const RowSet*>(&allowed)}) {
    const auto one = exact_scan(rows.data(), rows.data(), kRows, kDim, 40, set, 1);
    for (const int threads : {2, 3, 5}) {
      const auto many = exact_scan(rows.data(), rows.data(), kRows, kDim, 40, set, threads);
      ASSERT_EQ(many.size(), one.size());
      for (size_t i = 0; i < one.size(); ++i) {
        EXPECT_EQ(many[i].position, one[i].position);
        EXPECT_EQ(many[i].score, one[i].score);
        if (set) {
          EXPECT_EQ((one[i].position - 3) % 11, 0);
        }
      }
    }
  }
}

}  // namespace
}  // namespace winnow
