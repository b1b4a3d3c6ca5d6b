#include "src/labels/inject.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/expect_error.h"

namespace winnow {
namespace {

using test::error_of;
using testing::HasSubstr;

std::vector<int64_t> balanced(int64_t classes, int64_t each) {
  std::vector<int64_t> labels;
  for (int64_t i = 0; i < classes * each; ++i) labels.push_back(i % classes);
  return labels;
}

TEST(InjectNoise, ChangesExactlyTheRoundedShare) {
  for (const double rate : {0.0, 0.1, 0.25, 0.4, 0.5, 1.0})
    for (const int64_t n : {1, 7, 2640}) {
      const auto labels = balanced(n, 1);
      std::vector<int64_t> two(labels);
      for (auto& label : two) label %= 2;
      const auto out = inject_noise(two, 2, {"symmetric", rate, 7});
      int64_t changed = 0;
      for (size_t i = 0; i < two.size(); ++i) changed += out.labels[i] != two[i] ? 1 : 0;
      EXPECT_EQ(changed, std::llround(rate * static_cast<double>(n))) << rate << " of " << n;
      EXPECT_EQ(out.changed, changed);
      EXPECT_DOUBLE_EQ(out.realised_rate, static_cast<double>(changed) / static_cast<double>(n));
    }
}

TEST(InjectNoise, WrongLabelsAreUniformOverTheOtherClasses) {
  const int64_t classes = 5, each = 4000;
  const auto labels = balanced(classes, each);
  const auto out = inject_noise(labels, classes, {"symmetric", 1.0, 3});
  std::vector<std::vector<double>> counts(classes, std::vector<double>(classes));
  for (size_t i = 0; i < labels.size(); ++i)
    ++counts[static_cast<size_t>(labels[i])][static_cast<size_t>(out.labels[i])];
  const double expected = static_cast<double>(each) / static_cast<double>(classes - 1);
  double chi = 0;
  for (size_t a = 0; a < 5; ++a) {
    EXPECT_EQ(counts[a][a], 0) << "never the own class";
    for (size_t b = 0; b < 5; ++b)
      if (a != b) chi += (counts[a][b] - expected) * (counts[a][b] - expected) / expected;
  }
  EXPECT_LT(chi, 37.7);  // 5 * 3 degrees of freedom, p = 0.001
}

TEST(InjectNoise, RowsAreDrawnUniformly) {
  const auto labels = balanced(2, 500);
  std::vector<int> hits(labels.size());
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const auto out = inject_noise(labels, 2, {"symmetric", 0.3, seed});
    for (size_t i = 0; i < labels.size(); ++i) hits[i] += out.labels[i] != labels[i] ? 1 : 0;
  }
  double first = 0, second = 0;
  for (size_t i = 0; i < 500; ++i) first += hits[i];
  for (size_t i = 500; i < 1000; ++i) second += hits[i];
  EXPECT_NEAR(first / (500 * 200), 0.3, 0.01);
  EXPECT_NEAR(second / (500 * 200), 0.3, 0.01);
  for (const int hit : hits) EXPECT_NEAR(hit, 60, 35);  // binomial(200, 0.3), 5.4 standard deviations
}

TEST(InjectNoise, SeedDecidesEverything) {
  const auto labels = balanced(10, 50);
  const auto a = inject_noise(labels, 10, {"symmetric", 0.4, 7}), b = inject_noise(labels, 10, {"symmetric", 0.4, 7});
  const auto c = inject_noise(labels, 10, {"symmetric", 0.4, 8});
  EXPECT_EQ(a.labels, b.labels);
  EXPECT_NE(a.labels, c.labels);
}

TEST(InjectNoise, HigherRatesKeepTheWrongLabelsOfLowerOnes) {
  const auto labels = balanced(10, 50);
  const auto low = inject_noise(labels, 10, {"symmetric", 0.2, 7}),
             high = inject_noise(labels, 10, {"symmetric", 0.6, 7});
  for (size_t i = 0; i < labels.size(); ++i)
    if (low.labels[i] != labels[i]) {
      EXPECT_EQ(high.labels[i], low.labels[i]);
    }
}

TEST(InjectNoise, PairMovesToTheNextClass) {
  const auto labels = balanced(4, 100);
  const auto out = inject_noise(labels, 4, {"pair", 0.5, 1});
  int64_t changed = 0;
  for (size_t i = 0; i < labels.size(); ++i) {
    if (out.labels[i] == labels[i]) continue;
    ++changed;
    EXPECT_EQ(out.labels[i], (labels[i] + 1) % 4);
  }
  EXPECT_EQ(changed, 200);
}

TEST(InjectNoise, NoItems) {
  const auto out = inject_noise({}, 2, {"symmetric", 0.4, 7});
  EXPECT_TRUE(out.labels.empty());
  EXPECT_EQ(out.realised_rate, 0.0);
}

TEST(InjectNoise, BadInput) {
  const std::vector<int64_t> labels = {0, 1, 2};
  EXPECT_THAT(error_of(ErrorCode::kUsage,
                       [&] {
                         inject_noise(labels, 3, {"symetric", 0.4, 7});
                       }),
              HasSubstr("did you mean 'symmetric'?"));
  error_of(ErrorCode::kUsage, [&] { inject_noise(labels, 3, {"symmetric", 1.1, 7}); });
  error_of(ErrorCode::kUsage, [&] { inject_noise(labels, 3, {"symmetric", std::nan(""), 7}); });
  error_of(ErrorCode::kData, [&] { inject_noise(std::vector<int64_t>{0}, 1, {"symmetric", 0.4, 7}); });
  EXPECT_THAT(error_of(ErrorCode::kData,
                       [&] {
                         inject_noise(labels, 2, {"symmetric", 0.4, 7});
                       }),
              HasSubstr("row 2: the label must be in 0..1, got 2"));
}

}  // namespace
}  // namespace winnow
