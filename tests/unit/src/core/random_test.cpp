#include "src/core/random.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <set>

namespace winnow {
namespace {

TEST(Random, SameKeySameStream) {
  Random a(1, "augment", 17, 3), b(1, "augment", 17, 3);
  for (int i = 0; i < 100; ++i) ASSERT_EQ(a.next(), b.next());
}

// Streams must stay what they are: seeds in published results depend on them.
TEST(Random, StreamIsPinned) {
  Random random(7, "noise-rows");
  EXPECT_EQ(random.next(), 0xa23f5b0e7feeec36u);
  EXPECT_EQ(random.next(), 0x115547f7fd5cad84u);
}

TEST(Random, EveryPartOfTheKeyMatters) {
  std::set<uint64_t> first;
  for (uint64_t seed = 0; seed < 10; ++seed)
    for (const char* purpose : {"augment", "sampler", ""})
      for (uint64_t index = 0; index < 10; ++index)
        for (uint64_t epoch = 0; epoch < 10; ++epoch) first.insert(Random(seed, purpose, index, epoch).next());
  EXPECT_EQ(first.size(), 3000u);
}

TEST(Random, UniformHasMeanAndVarianceOfTheUniform) {
  // Also over streams (one draw each), which is how augmentation uses it.
  double within = 0, across = 0, square = 0;
  Random random(1, "u");
  const int n = 100000;
  for (int i = 0; i < n; ++i) {
    const double u = random.uniform();
    ASSERT_TRUE(u >= 0.0 && u < 1.0);
    within += u;
    square += u * u;
    across += Random(1, "u", static_cast<uint64_t>(i)).uniform();
  }
  EXPECT_NEAR(within / n, 0.5, 0.005);
  EXPECT_NEAR(across / n, 0.5, 0.005);
  EXPECT_NEAR(square / n, 1.0 / 3.0, 0.005);
  for (int i = 0; i < 1000; ++i) {
    const double u = random.uniform(-3.0, 5.0);
    ASSERT_TRUE(u >= -3.0 && u < 5.0);
  }
}

TEST(Random, BelowIsUniform) {
  Random random(2, "below");
  std::vector<int> counts(7);
  const int n = 70000;
  for (int i = 0; i < n; ++i) ++counts[random.below(7)];
  double chi = 0;
  for (const int count : counts) chi += (count - n / 7.0) * (count - n / 7.0) / (n / 7.0);
  EXPECT_LT(chi, 22.5);  // 6 degrees of freedom, p = 0.001
  EXPECT_EQ(random.below(1), 0u);
}

// With bound 3 * 2^62 each multiple of 3 has two products and the other values one: without rejection half of the
// draws would be multiples of 3.
TEST(Random, BelowHasNoBiasForLargeBounds) {
  Random random(3, "below");
  int multiples = 0;
  const int n = 30000;
  for (int i = 0; i < n; ++i) multiples += random.below(uint64_t{3} << 62) % 3 == 0 ? 1 : 0;
  EXPECT_NEAR(static_cast<double>(multiples) / n, 1.0 / 3.0, 0.01);
}

TEST(Random, NormalHasItsMoments) {
  Random random(4, "normal");
  double sum = 0, square = 0, fourth = 0;
  const int n = 100000;
  for (int i = 0; i < n; ++i) {
    const double x = random.normal();
    sum += x;
    square += x * x;
    fourth += x * x * x * x;
  }
  EXPECT_NEAR(sum / n, 0.0, 0.015);
  EXPECT_NEAR(square / n, 1.0, 0.02);
  EXPECT_NEAR(fourth / n, 3.0, 0.15);
}

TEST(Random, ShufflePermutesUniformly) {
  std::vector<int> counts(6);
  for (uint64_t i = 0; i < 6000; ++i) {
    std::vector<int> values = {0, 1, 2};
    Random(5, "shuffle", i).shuffle(values);
    ++counts[static_cast<size_t>(values[0] * 2 + (values[1] > values[2] ? 1 : 0))];
  }
  EXPECT_EQ(std::accumulate(counts.begin(), counts.end(), 0), 6000);
  for (const int count : counts) EXPECT_NEAR(count, 1000, 120);
}

TEST(Random, ChanceKeepsItsEnds) {
  Random random(6, "chance");
  for (int i = 0; i < 1000; ++i) {
    ASSERT_FALSE(random.chance(0.0));
    ASSERT_TRUE(random.chance(1.0));
  }
}

}  // namespace
}  // namespace winnow
