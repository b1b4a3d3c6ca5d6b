#include "src/labels/decisions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/core/interval.h"
#include "src/labels/audit.h"
#include "src/labels/mixture.h"
#include "tests/support/expect_error.h"

namespace winnow {
namespace {

using test::error_of;
using testing::HasSubstr;

fs::path file_with(const std::string& text) {
  const fs::path file = fs::temp_directory_path() / ("winnow-decisions-" + std::to_string(::getpid()) + ".csv");
  write_file_atomically(file, text);
  return file;
}

TEST(Decisions, ReadsTheReviewPagesFile) {
  const auto got = read_decisions(
      file_with("row,path,decision,new_label\n7,a.jpg,relabel,plum\n9,b.jpg,keep,\n3,c.jpg,drop,\n4,d.jpg,unsure,\n"));
  ASSERT_EQ(got.size(), 4u);
  EXPECT_EQ(got[0].verdict, Verdict::kRelabel);
  EXPECT_EQ(got[0].label, "plum");
  EXPECT_EQ(got[0].row, 7);
  EXPECT_EQ(got[2].verdict, Verdict::kDrop);
  EXPECT_EQ(got[3].verdict, Verdict::kUnsure);
}

TEST(Decisions, AListOfSuspectsNeedsAThreshold) {
  const auto file = file_with(
      "row,path,label,score,suggested,confidence,reason\n1,a,apple,.9,pear,0.98,x\n2,b,apple,.8,plum,0.4,y\n");
  EXPECT_THAT(error_of(ErrorCode::kData, [&] { read_decisions(file); }), HasSubstr("decision"));
  const auto got = read_decisions(file, 0.97);
  EXPECT_EQ(got[0].verdict, Verdict::kRelabel);
  EXPECT_EQ(got[0].label, "pear");
  EXPECT_EQ(got[1].verdict, Verdict::kKeep);
}

TEST(Decisions, BadInput) {
  const auto message = [](const std::string& text) {
    return error_of(ErrorCode::kData, [&] { read_decisions(file_with(text)); });
  };
  EXPECT_THAT(message("row,decision\n1,kep\n"),
              HasSubstr(":2: the decision must be keep, relabel, drop or unsure, got 'kep'"));
  EXPECT_THAT(message("row,decision\n1,keep\n1,drop\n"), HasSubstr(":3: row 1 is decided twice, first in line 2"));
  EXPECT_THAT(message("row,decision,label\n1,relabel,\n"), HasSubstr("needs a label"));
  EXPECT_THAT(message("row,decision\n-1,keep\n"), HasSubstr("a row number is required"));
}

TEST(Audit, DrawsBothKindsAndMixesThem) {
  std::vector<char> flagged(1000, 0);
  for (size_t i = 0; i < 200; ++i) flagged[i] = 1;
  const auto sample = draw_audit(flagged, 50, 50, 3);
  ASSERT_EQ(sample.positions.size(), 100u);
  int suspects = 0, first = 0;
  for (size_t i = 0; i < 100; ++i) {
    suspects += flagged[static_cast<size_t>(sample.positions[i])];
    if (i < 50) first += flagged[static_cast<size_t>(sample.positions[i])];
  }
  EXPECT_EQ(suspects, 50);
  EXPECT_GT(first, 10);
  EXPECT_LT(first, 40);
  EXPECT_EQ(sample.positions, draw_audit(flagged, 50, 50, 3).positions);
}

// 200 suspects of which 80 %, 800 others of which 5 % are wrong: 160 + 40, so recall 0.8 and rate 0.2.
TEST(Audit, ByHand) {
  const auto result = judge_audit({40, 50, 5, 100, 200, 1000});
  EXPECT_DOUBLE_EQ(result.precision.value, 0.8);
  EXPECT_DOUBLE_EQ(result.recall.value, 0.8);
  EXPECT_DOUBLE_EQ(result.rate.value, 0.2);
  EXPECT_LT(result.recall.low, 0.75);
  EXPECT_GT(result.recall.high, 0.85);
  EXPECT_LT(result.rate.low, 0.2);
  error_of(ErrorCode::kData, [] { judge_audit({0, 0, 5, 100, 200, 1000}); });
}

TEST(Audit, WilsonByHand) {
  const auto none = wilson(0, 10);
  EXPECT_EQ(none.low, 0);
  EXPECT_NEAR(none.high, 0.2775, 1e-4);
  const auto half = wilson(5, 10);
  EXPECT_NEAR(half.low, 0.2366, 1e-4);
  EXPECT_NEAR(half.high, 0.7634, 1e-4);
  EXPECT_EQ(wilson(0, 0).high, 1);
}

TEST(Mixture, FindsTwoGroups) {
  std::vector<double> values, weights;
  for (int i = -400; i <= 400; ++i) {
    const double x = i / 100.0;
    values.push_back(x);
    weights.push_back(0.7 * std::exp(-(x + 2) * (x + 2) * 2) + 0.3 * std::exp(-(x - 1.5) * (x - 1.5) * 2));
  }
  const auto m = fit_mixture(values, weights);
  EXPECT_NEAR(m.mean_low, -2, 0.02);
  EXPECT_NEAR(m.mean_high, 1.5, 0.02);
  EXPECT_NEAR(m.share_high, 0.3, 0.01);
  EXPECT_NEAR(m.separation, 7, 0.2);
  EXPECT_EQ(m.posterior(3), 1);
  EXPECT_EQ(m.posterior(-3), 0);
}

}  // namespace
}  // namespace winnow
