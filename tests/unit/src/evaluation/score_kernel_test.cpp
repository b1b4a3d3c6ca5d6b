#include "src/evaluation/score_kernel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>

namespace winnow {
namespace {

/// The contract in one loop: fused, in order, chunks of 128.
float fused_in_order(const float* a, const float* b, int64_t dim) {
  float total = 0;
  for (int64_t k = 0; k < dim; k += 128) {
    float sum = 0;
    for (int64_t i = k; i < std::min(dim, k + 128); ++i) sum = std::fmaf(a[i], b[i], sum);
    total = k == 0 ? sum : total + sum;
  }
  return total;
}

std::vector<float> random_floats(size_t n, uint32_t seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> uniform(-0.2f, 0.2f);
  std::vector<float> out(n);
  for (auto& v : out) v = uniform(random);
  return out;
}

/// scores[m][j] of every query against every gallery vector.
std::vector<float> all_scores(const ScoreKernel& kernel, const std::vector<float>& q, const std::vector<float>& g,
                              int64_t dim) {
  const auto n = static_cast<int64_t>(g.size()) / dim, panels = (n + kPanel - 1) / kPanel;
  std::vector<float> packed(static_cast<size_t>(panels * kPanel * dim)), out;
  pack_panels(g.data(), dim, nullptr, 0, n, packed.data());
  std::vector<float> a(static_cast<size_t>(dim * kernel.rows)), c(static_cast<size_t>(panels * kPanel * kernel.rows));
  for (int64_t first = 0; first < static_cast<int64_t>(q.size()) / dim; ++first) {
    for (int64_t k = 0; k < dim; ++k) a[k * kernel.rows + first % kernel.rows] = q[first * dim + k];
    kernel.tile(a.data(), packed.data(), dim, panels, c.data(), panels * kPanel);
    const float* row = c.data() + first % kernel.rows * panels * kPanel;
    out.insert(out.end(), row, row + n);
  }
  return out;
}

TEST(ScoreKernel, IsAFixedOrderOfFusedProducts) {
  for (const int64_t dim : {1, 3, 64, 127, 128, 129, 300}) {
    const auto q = random_floats(9 * dim, 1), g = random_floats(37 * dim, 2);
    for (const auto& kernel : score_kernels()) {
      const auto scores = all_scores(kernel, q, g, dim);
      for (int64_t m = 0; m < 9; ++m)
        for (int64_t j = 0; j < 37; ++j) {
          const float want = fused_in_order(q.data() + m * dim, g.data() + j * dim, dim);
          if (std::string(kernel.name) == "generic")
            ASSERT_NEAR(scores[m * 37 + j], want, 1e-6) << kernel.name << " dim " << dim;
          else
            ASSERT_EQ(scores[m * 37 + j], want) << kernel.name << " dim " << dim;
        }
    }
  }
}

TEST(ScoreKernel, PairsAreThoseOfTheTile) {
  for (const int64_t dim : {1, 127, 128, 300}) {
    const auto q = random_floats(static_cast<size_t>(dim), 1), g = random_floats(static_cast<size_t>(kPairs * dim), 2);
    const float* rows[kPairs];
    for (int i = 0; i < kPairs; ++i) rows[i] = g.data() + i * dim;
    for (const auto& kernel : score_kernels()) {
      const auto scores = all_scores(kernel, q, g, dim);
      float pairs[kPairs];
      kernel.pairs(q.data(), rows, dim, pairs);
      for (int i = 0; i < kPairs; ++i) ASSERT_EQ(pairs[i], scores[i]) << kernel.name << " dim " << dim;
    }
  }
}

TEST(ScoreKernel, IsSymmetric) {
  const auto v = random_floats(20 * 70, 3);
  const auto scores = all_scores(best_score_kernel(), v, v, 70);
  for (int i = 0; i < 20; ++i)
    for (int j = 0; j < i; ++j) EXPECT_EQ(scores[i * 20 + j], scores[j * 20 + i]);
}

TEST(ScoreKernel, BucketsAreMonotoneAndMatchTheBins) {
  std::vector<float> s;
  for (int i = -2200; i <= 2200; ++i) s.push_back(static_cast<float>(i) / 2000.0f);
  for (const auto& kernel : score_kernels()) {
    std::vector<uint16_t> bucket(s.size());
    kernel.buckets(s.data(), static_cast<int64_t>(s.size()), kLeastBuckets, bucket.data());
    for (size_t i = 0; i < s.size(); ++i) {
      ASSERT_LE(bucket[i], bucket[i == 0 ? 0 : i - 1]) << s[i];
      const int bin = std::clamp(static_cast<int>(std::floor(s[i] * 50.0f)) + 50, 0, 99);
      ASSERT_EQ(99 - bucket[i] / 16, bin) << kernel.name << " " << s[i];
      uint16_t alone;
      kernel.buckets(&s[i], 1, kLeastBuckets, &alone);
      ASSERT_EQ(alone, bucket[i]) << s[i];
    }
  }
}

TEST(ScoreKernel, FinerBucketsAreMonotoneInsideTheirNumber) {
  auto s = random_floats(5000, 6);
  std::sort(s.begin(), s.end());
  for (const auto& kernel : score_kernels())
    for (int level = 0, count = kLeastBuckets; level < kBucketLevels; ++level, count *= 2) {
      std::vector<uint16_t> bucket(s.size());
      kernel.buckets(s.data(), static_cast<int64_t>(s.size()), count, bucket.data());
      EXPECT_TRUE(std::is_sorted(bucket.rbegin(), bucket.rend()));
      ASSERT_LT(bucket[0], count);
    }
}

TEST(ScoreKernel, FixedSumIsExactInAnyGrouping) {
  const auto s = random_floats(1001, 4);
  for (const auto& kernel : score_kernels()) {
    int64_t one_by_one = 0;
    double plain = 0;
    for (const float v : s) {
      one_by_one += kernel.fixed_sum(&v, 1);
      plain += v;
    }
    EXPECT_EQ(kernel.fixed_sum(s.data(), 1001), one_by_one) << kernel.name;
    EXPECT_NEAR(static_cast<double>(one_by_one) / kFixedUnit, plain, 1e-5) << kernel.name;
  }
}

TEST(ScoreKernel, CountsAtLeast) {
  const std::vector<float> s = {0.1f, 0.5f, 0.5f, 0.7f, -1.0f};
  for (const auto& kernel : score_kernels()) EXPECT_EQ(kernel.count_at_least(s.data(), 5, 0.5f), 3) << kernel.name;
}

/// The contract of ScoreKernel::count, one score at a time.
struct Counted {
  std::vector<uint16_t> slots, equal;
  std::vector<uint32_t> equal_to;
};
Counted count_naively(const std::vector<float>& s, const std::vector<uint16_t>& bucket,
                      const std::vector<uint32_t>& first_slot, const std::vector<float>& known) {
  Counted out;
  out.slots.resize(first_slot.back());
  for (size_t i = 0; i < s.size(); ++i) {
    const uint32_t b = bucket[i], begin = first_slot[b] - b, end = first_slot[b + 1] - b - 1;
    uint32_t above = 0;
    for (uint32_t j = begin; j < end; ++j) above += known[j] > s[i] ? 1 : 0;
    ++out.slots[first_slot[b] + above];
    if (begin + above == end || known[begin + above] != s[i]) continue;
    out.equal.push_back(static_cast<uint16_t>(i));
    out.equal_to.push_back(begin + above);
  }
  return out;
}

TEST(ScoreKernel, CountsBetweenKnownScores) {
  // From one known score a bucket to hundreds in one; some scores are known ones.
  for (const size_t many : {0, 1, 40, 900, 6000}) {
    auto known = random_floats(many, 7);
    std::sort(known.rbegin(), known.rend());
    auto s = random_floats(1000, 8);
    for (size_t i = 0; i < s.size() && !known.empty(); i += 7) s[i] = known[i * 31 % known.size()];
    for (const auto& kernel : score_kernels()) {
      std::vector<uint16_t> bucket(s.size()), known_bucket(known.size());
      kernel.buckets(s.data(), 1000, kLeastBuckets, bucket.data());
      kernel.buckets(known.data(), static_cast<int64_t>(many), kLeastBuckets, known_bucket.data());
      std::vector<uint32_t> first_slot(kLeastBuckets + 1);
      for (uint32_t b = 0; b <= kLeastBuckets; ++b)
        first_slot[b] = b + static_cast<uint32_t>(std::lower_bound(known_bucket.begin(), known_bucket.end(), b) -
                                                  known_bucket.begin());
      auto padded = known;
      padded.resize(many + kWindow, std::numeric_limits<float>::quiet_NaN());
      Counted got{std::vector<uint16_t>(first_slot.back()), std::vector<uint16_t>(1000), std::vector<uint32_t>(1000)};
      const int64_t found = kernel.equals(s.data(), bucket.data(), 1000, first_slot.data(), padded.data(),
                                          got.equal.data(), got.equal_to.data());
      EXPECT_EQ(kernel.count(s.data(), bucket.data(), 1000, first_slot.data(), padded.data(), got.slots.data()), found)
          << kernel.name << " " << many;
      got.equal.resize(static_cast<size_t>(found));
      got.equal_to.resize(static_cast<size_t>(found));
      const auto want = count_naively(s, bucket, first_slot, padded);
      EXPECT_EQ(got.slots, want.slots) << kernel.name << " " << many;
      EXPECT_EQ(got.equal, want.equal) << kernel.name << " " << many;
      EXPECT_EQ(got.equal_to, want.equal_to) << kernel.name << " " << many;
    }
  }
}

TEST(ScoreKernel, PacksRowsByIndexAndPadsWithZero) {
  const std::vector<float> v = {1, 2, 3, 4, 5, 6};
  const std::vector<int64_t> rows = {2, 0};
  std::vector<float> out(2 * kPanel, 9.0f);
  pack_panels(v.data(), 2, rows.data(), 0, 2, out.data());
  EXPECT_EQ(out[0], 5);
  EXPECT_EQ(out[1], 1);
  EXPECT_EQ(out[2], 0);
  EXPECT_EQ(out[kPanel], 6);
  EXPECT_EQ(out[kPanel + 1], 2);
}

}  // namespace
}  // namespace winnow
