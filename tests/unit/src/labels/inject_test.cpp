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

namespace winnow {
namespace {

int64_t changed_rows(const std::vector<int64_t>& a, const std::vector<int64_t>& b) {
  int64_t count = 0;
  for (size_t i = 0; i < a.size(); ++i) count += a[i] != b[i] ? 1 : 0;
  return count;
}

TEST(InjectKinds, OwnClassIncludedChangesFewer) {
  const auto labels = balanced(4, 1000);
  const auto out = inject_noise(labels, 4, {"symmetric-own", 0.4, 7});
  EXPECT_NEAR(out.realised_rate, 0.3, 0.02);
}

TEST(InjectKinds, RealisedRateIsNearTheAskedOne) {
  const auto labels = balanced(4, 1000);
  InjectOptions options{"symmetric", 0.4, 7};
  options.exact = false;
  const auto out = inject_noise(labels, 4, options);
  EXPECT_NE(out.changed, 1600);
  EXPECT_NEAR(out.realised_rate, 0.4, 0.04);
}

TEST(InjectKinds, MapMovesOnlyItsClasses) {
  const auto labels = balanced(4, 100);
  InjectOptions options{"map", 0.5, 7};
  options.map = {1, -1, 3, -1};
  const auto out = inject_noise(labels, 4, options);
  EXPECT_EQ(out.changed, 100);  // half of the two classes that can move
  for (size_t i = 0; i < labels.size(); ++i)
    if (out.labels[i] != labels[i]) {
      EXPECT_EQ(out.labels[i], labels[i] + 1);
      EXPECT_EQ(labels[i] % 2, 0);
    }
}

TEST(InjectKinds, SuperclassStaysWithin) {
  const auto labels = balanced(6, 100);
  InjectOptions options{"superclass", 0.3, 7};
  options.superclass = {0, 0, 0, 1, 1, 2};
  const auto out = inject_noise(labels, 6, options);
  EXPECT_EQ(out.changed, 150);  // class 5 is alone
  for (size_t i = 0; i < labels.size(); ++i)
    EXPECT_EQ(options.superclass[static_cast<size_t>(labels[i])],
              options.superclass[static_cast<size_t>(out.labels[i])]);
}

TEST(InjectKinds, OpenSetIsTheAskedShareOfWhatIsKept) {
  const auto labels = balanced(10, 100);
  InjectOptions options{"open-set", 0.25, 7};
  options.open_classes = 3;
  const auto out = inject_noise(labels, 10, options);
  int64_t kept = 0;
  for (const char keep : out.keep) kept += keep;
  EXPECT_EQ(out.changed, 233);
  EXPECT_EQ(kept, 700 + 233);
  EXPECT_NEAR(out.realised_rate, 0.25, 0.001);
}

/// Class c around axis c; rows near the border lean to the next axis.
std::vector<float> leaning(const std::vector<int64_t>& labels, int64_t dim) {
  std::vector<float> out;
  for (size_t i = 0; i < labels.size(); ++i) {
    const float lean = static_cast<float>(i / static_cast<size_t>(dim) % 10) / 10;
    const float norm = std::sqrt(1 + lean * lean);
    for (int64_t d = 0; d < dim; ++d)
      out.push_back((d == labels[i] ? 1.0f : d == (labels[i] + 1) % dim ? lean : 0.0f) / norm);
  }
  return out;
}

TEST(InjectKinds, InstanceNoisePrefersTheBorder) {
  const auto labels = balanced(4, 200);
  const auto vectors = leaning(labels, 4);
  InjectOptions options{"instance", 0.2, 7};
  options.vectors = {vectors, 800, 4};
  const auto out = inject_noise(labels, 4, options);
  EXPECT_EQ(out.changed, 160);
  int64_t border = 0;
  for (size_t i = 0; i < labels.size(); ++i)
    if (out.labels[i] != labels[i]) {
      border += i / 4 % 10 >= 5 ? 1 : 0;
    }
  EXPECT_GT(border, 90);  // 80 if the border did not matter
}

TEST(InjectKinds, ClustersMoveTogether) {
  const auto labels = balanced(4, 200);
  const auto vectors = leaning(labels, 4);
  InjectOptions options{"cluster", 0.1, 7};
  options.vectors = {vectors, 800, 4};
  options.cluster_size = 8;
  const auto out = inject_noise(labels, 4, options);
  EXPECT_EQ(out.changed, 80);
  EXPECT_EQ(out.labels, inject_noise(labels, 4, options).labels);
  EXPECT_EQ(changed_rows(labels, out.labels), 80);
}

TEST(InjectKinds, BadInput) {
  const auto labels = balanced(4, 10);
  error_of(ErrorCode::kUsage, [&] { inject_noise(labels, 4, {"map", 0.5, 7}); });
  error_of(ErrorCode::kUsage, [&] { inject_noise(labels, 4, {"superclass", 0.5, 7}); });
  error_of(ErrorCode::kUsage, [&] { inject_noise(labels, 4, {"instance", 0.5, 7}); });
  InjectOptions open{"open-set", 0.9, 7};
  open.open_classes = 1;
  EXPECT_THAT(error_of(ErrorCode::kUsage, [&] { inject_noise(labels, 4, open); }),
              HasSubstr("left-out classes have 10 items"));
}

}  // namespace
}  // namespace winnow
