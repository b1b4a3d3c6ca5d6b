#include "src/labels/confident.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "src/core/parallel.h"
#include "src/core/random.h"
#include "tests/support/expect_error.h"
#include "tests/unit/src/labels/tables.h"

namespace winnow {
namespace {

using test::error_of;
using test::FormulaTable;
using testing::ElementsAre;
using testing::HasSubstr;

int64_t found(const FormulaTable& data, const std::string& filter) {
  const auto counts = count_confident(data.table(), data.labels);
  const auto flags = find_label_errors(data.table(), data.labels, counts, filter);
  return std::accumulate(flags.begin(), flags.end(), int64_t{0});
}

// The expected numbers are those of cleanlab 2.9.0 on the same table.
TEST(ConfidentLearning, CountsOfTheFixedTableAreThoseOfCleanlab) {
  const FormulaTable data(300, 5);
  const std::map<std::string, int64_t> expected = {
      {"prune_by_noise_rate", 40},  {"prune_by_class", 48},      {"both", 38},
      {"confident_learning", 34},   {"predicted_neq_given", 54}, {"low_self_confidence", 34},
      {"low_normalized_margin", 34}};
  ASSERT_EQ(expected.size(), confident_filters().size());
  for (const auto& [filter, count] : expected) EXPECT_EQ(found(data, filter), count) << filter;
  const auto counts = count_confident(data.table(), data.labels);
  EXPECT_THAT(counts.joint,
              ElementsAre(33, 1, 1, 2, 2, 4, 38, 2, 2, 3, 1, 2, 32, 0, 2, 1, 2, 1, 28, 2, 2, 1, 2, 1, 33));
  // In row 1 two cells are equally far from their rounding (2.53): cleanlab on AVX2 lowers the second of them.
  EXPECT_THAT(counts.calibrated,
              ElementsAre(51, 1, 2, 3, 3, 5, 48, 2, 3, 4, 2, 3, 51, 0, 3, 2, 3, 2, 49, 3, 3, 1, 3, 2, 51));
}

TEST(ConfidentLearning, ScoresOfTheFixedTableAreThoseOfCleanlab) {
  const FormulaTable data(300, 5);
  const auto counts = count_confident(data.table(), data.labels);
  EXPECT_NEAR(std::accumulate(counts.self.begin(), counts.self.end(), 0.0), 110.12702223099768, 1e-9);
  const auto margin = normalized_margin(data.table(), data.labels);
  EXPECT_NEAR(std::accumulate(margin.begin(), margin.end(), 0.0), 164.85849434137344, 1e-9);
}

TEST(ConfidentLearning, ListOfBothOnTheFixedTable) {
  const FormulaTable data(300, 5);
  const auto counts = count_confident(data.table(), data.labels);
  const auto flags = find_label_errors(data.table(), data.labels, counts, "both");
  std::vector<int64_t> rows;
  for (size_t i = 0; i < flags.size(); ++i)
    if (flags[i]) rows.push_back(static_cast<int64_t>(i));
  EXPECT_THAT(rows, ElementsAre(0, 6, 12, 18, 30, 36, 42, 48, 54, 60, 66, 78, 90, 96, 102, 108, 120, 126, 132, 144, 156,
                                162, 168, 174, 180, 186, 192, 198, 204, 222, 234, 240, 246, 264, 270, 276, 288, 294));
}

// Thresholds .7 and .6: rows 0, 1, 3, 4 are confident, row 2 is (its own class), row 5 of the other class.
TEST(ConfidentLearning, HandWorkedTwoClasses) {
  const std::vector<float> p = {.9f, .1f, .8f, .2f, .4f, .6f, .3f, .7f, .2f, .8f, .7f, .3f};
  const std::vector<int64_t> labels = {0, 0, 0, 1, 1, 1};
  const auto counts = count_confident({p, 6, 2}, labels);
  EXPECT_NEAR(counts.thresholds[0], 0.7, 1e-6);
  EXPECT_NEAR(counts.thresholds[1], 0.6, 1e-6);
  EXPECT_THAT(counts.confident, ElementsAre(0, 0, 1, 1, 1, 0));
  EXPECT_THAT(counts.joint, ElementsAre(2, 1, 1, 2));
  EXPECT_THAT(find_label_errors({p, 6, 2}, labels, counts, "both"), ElementsAre(0, 0, 1, 0, 0, 1));
}

/// The definition word for word, in plain loops.
std::vector<int64_t> naive_joint(const FormulaTable& data) {
  const auto c = static_cast<size_t>(data.classes);
  std::vector<double> sum(c), rows(c);
  for (size_t i = 0; i < data.labels.size(); ++i) {
    const auto k = static_cast<size_t>(data.labels[i]);
    sum[k] += data.values[i * c + k];
    ++rows[k];
  }
  std::vector<int64_t> joint(c * c);
  for (size_t i = 0; i < data.labels.size(); ++i) {
    int64_t best = -1;
    for (size_t k = 0; k < c; ++k) {
      const double value = data.values[i * c + k];
      if (value >= sum[k] / rows[k] - 1e-6 && (best < 0 || value > data.values[i * c + static_cast<size_t>(best)]))
        best = static_cast<int64_t>(k);
    }
    if (best >= 0) ++joint[static_cast<size_t>(data.labels[i]) * c + static_cast<size_t>(best)];
  }
  for (size_t k = 0; k < c; ++k) joint[k * c + k] = std::max<int64_t>(joint[k * c + k], 1);
  return joint;
}

TEST(ConfidentLearning, JointEqualsTheDefinition) {
  for (const auto& [n, c] :
       std::vector<std::pair<int64_t, int64_t>>{{40, 2}, {300, 5}, {900, 8}, {2000, 13}, {1500, 37}}) {
    const FormulaTable data(n, c);
    EXPECT_EQ(count_confident(data.table(), data.labels).joint, naive_joint(data)) << n << " x " << c;
  }
}

TEST(ConfidentLearning, CalibratedCountsKeepTheRowsOfEachClass) {
  for (const int64_t c : {3, 17, 40}) {
    const FormulaTable data(1777, c);
    const auto counts = count_confident(data.table(), data.labels);
    for (int64_t k = 0; k < c; ++k) {
      const auto row = counts.calibrated.begin() + k * c;
      EXPECT_EQ(std::accumulate(row, row + c, int64_t{0}), counts.class_rows[static_cast<size_t>(k)]);
    }
  }
}

TEST(ConfidentLearning, ThreadsChangeNothing) {
  const FormulaTable data(20000, 21);
  set_thread_count(1);
  const auto one = count_confident(data.table(), data.labels);
  const auto flags_one = find_label_errors(data.table(), data.labels, one, "both");
  set_thread_count(3);
  const auto three = count_confident(data.table(), data.labels);
  EXPECT_EQ(one.joint, three.joint);
  EXPECT_EQ(flags_one, find_label_errors(data.table(), data.labels, three, "both"));
  set_thread_count(2);
}

TEST(ConfidentLearning, PairwiseSumIsNumPysOrder) {
  // float32 sums of 1/(i+1) by numpy.add.reduce; a running sum differs in the last digits.
  std::vector<float> x;
  for (int i = 0; i < 1000; ++i) x.push_back(1.0f / static_cast<float>(i + 1));
  EXPECT_EQ(pairwise_sum(x.data(), 7), 2.5928574f);
  EXPECT_EQ(pairwise_sum(x.data(), 1000), 7.4854717f);
}

TEST(ConfidentLearning, MissingClassesAreNeverGuessed) {
  const std::vector<float> p = {.5f, .2f, .3f, .1f, .2f, .7f, .2f, .1f, .7f};
  const std::vector<int64_t> labels = {0, 0, 2};  // no row of class 1
  const auto counts = count_confident({p, 3, 3}, labels);
  EXPECT_EQ(counts.thresholds[1], 2.0f);
  EXPECT_THAT(counts.class_rows, ElementsAre(2, 0, 1));
  for (const auto guess : counts.confident) EXPECT_NE(guess, 1);
}

TEST(ConfidentLearning, OneClassHasNoErrors) {
  const std::vector<float> p = {1, 1, 1};
  const std::vector<int64_t> labels = {0, 0, 0};
  const auto counts = count_confident({p, 3, 1}, labels);
  for (const auto& filter : confident_filters())
    EXPECT_THAT(find_label_errors({p, 3, 1}, labels, counts, filter), ElementsAre(0, 0, 0)) << filter;
}

TEST(ConfidentLearning, NoErrorsAtAll) {
  std::vector<float> p;
  std::vector<int64_t> labels;
  for (int i = 0; i < 60; ++i) {
    labels.push_back(i % 3);
    for (int k = 0; k < 3; ++k) p.push_back(k == i % 3 ? 0.98f : 0.01f);
  }
  const auto counts = count_confident({p, 60, 3}, labels);
  for (const auto& filter : confident_filters()) {
    const auto flags = find_label_errors({p, 60, 3}, labels, counts, filter);
    EXPECT_EQ(std::accumulate(flags.begin(), flags.end(), 0), 0) << filter;
  }
}

TEST(ConfidentLearning, BadInput) {
  const std::vector<float> p = {.9f, .1f, .8f, .2f};
  const std::vector<int64_t> labels = {0, 1};
  const auto message = [&](std::vector<float> values, std::vector<int64_t> given) {
    return error_of(ErrorCode::kData, [&] { count_confident({values, 2, 2}, given); });
  };
  EXPECT_THAT(message(p, {0, 2}), HasSubstr("row 1: the label must be in 0..1, got 2"));
  EXPECT_THAT(message({.9f, .1f, .8f, .3f}, labels), HasSubstr("row 1: the values must sum to 1"));
  EXPECT_THAT(message({1.2f, -.2f, .8f, .2f}, labels), HasSubstr("row 0: no value may be negative"));
  EXPECT_THAT(message({.9f, .1f, std::nanf(""), .2f}, labels), HasSubstr("row 1: finite values"));
  error_of(ErrorCode::kShape, [&] { count_confident({p, 2, 2}, std::vector<int64_t>{0}); });
  error_of(ErrorCode::kShape, [&] { count_confident({p, 3, 2}, std::vector<int64_t>{0, 1, 1}); });
  error_of(ErrorCode::kShape, [&] { count_confident({{}, 0, 2}, {}); });
  const auto counts = count_confident({p, 2, 2}, labels);
  EXPECT_THAT(error_of(ErrorCode::kUsage,
                       [&] {
                         find_label_errors({p, 2, 2}, labels, counts, "bothh");
                       }),
              HasSubstr("did you mean 'both'?"));
}

}  // namespace
}  // namespace winnow
