#include "src/report/loop_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace winnow {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

LoopStep step(const char* name, double value, LoopGain gain = {}, int64_t dropped = 0) {
  LoopStep out{name, "round-1", 100 - dropped, 0, dropped, "", {{"recall@1", value}}, {}, {}, 90};
  if (gain.low != gain.high) out.gain["recall@1"] = gain;
  return out;
}

TEST(LoopReport, ACertainGainOfRepairedLabelsEarnsTheCost) {
  const std::vector<LoopStep> steps = {step("given labels", 0.3), step("robust", 0.31, {0.01, -0.02, 0.04}),
                                       step("repaired labels", 0.4, {0.1, 0.06, 0.14}, 20)};
  const auto verdict = judge_loop(steps, "recall@1", "");
  EXPECT_TRUE(verdict.earned);
  EXPECT_EQ(verdict.winner, 2u);
  EXPECT_THAT(verdict.text, HasSubstr("earned its cost"));
  EXPECT_THAT(verdict.text, HasSubstr("0.4000 against 0.3000"));
  EXPECT_THAT(verdict.text, HasSubstr("Winner: repaired labels."));
}

TEST(LoopReport, AGainWithinChanceLeavesTheGivenLabelsAsWinner) {
  const auto verdict =
      judge_loop({step("given labels", 0.3), step("repaired labels", 0.33, {0.03, -0.01, 0.07}, 20)}, "recall@1", "");
  EXPECT_FALSE(verdict.earned);
  EXPECT_EQ(verdict.winner, 0u);
  EXPECT_THAT(verdict.text, HasSubstr("did not earn its cost (1.5 minutes"));
  EXPECT_THAT(verdict.text, HasSubstr("no difference beyond chance"));
}

TEST(LoopReport, AHarmfulRepairIsCalledSo) {
  const auto verdict =
      judge_loop({step("given labels", 0.3), step("repaired labels", 0.2, {-0.1, -0.13, -0.07}, 20)}, "recall@1", "");
  EXPECT_FALSE(verdict.earned);
  EXPECT_THAT(verdict.text, HasSubstr("worse than the given ones"));
}

TEST(LoopReport, RobustTrainingMayWinWithoutARepair) {
  const auto verdict = judge_loop({step("given labels", 0.3), step("robust", 0.4, {0.1, 0.05, 0.15})}, "recall@1",
                                  "Nothing was repaired: few doubts.");
  EXPECT_FALSE(verdict.earned);
  EXPECT_EQ(verdict.winner, 1u);
  EXPECT_THAT(verdict.text, HasSubstr("Nothing was repaired: few doubts."));
  EXPECT_THAT(verdict.text, HasSubstr("no label was repaired"));
}

TEST(LoopReport, ARepairThatRobustTrainingAloneMatchesHasNotEarnedItsCost) {
  const auto verdict = judge_loop({step("given labels", 0.3), step("robust training", 0.42, {0.12, 0.08, 0.16}),
                                   step("repaired labels", 0.4, {0.1, 0.06, 0.14}, 20)},
                                  "recall@1", "");
  EXPECT_FALSE(verdict.earned);
  EXPECT_EQ(verdict.winner, 1u);
  EXPECT_THAT(verdict.text, HasSubstr("repair did not earn its cost"));
  EXPECT_THAT(verdict.text, HasSubstr("robust training alone reaches recall@1 0.4200 against 0.4000"));
}

TEST(LoopReport, TheBetterRoundIsNamedNotTheLast) {
  const auto verdict = judge_loop({step("given labels", 0.3), step("round 1", 0.42, {0.12, 0.06, 0.16}, 20),
                                   step("round 2", 0.38, {0.08, 0.03, 0.12}, 30)},
                                  "recall@1", "");
  EXPECT_EQ(verdict.winner, 1u);
  EXPECT_THAT(verdict.text, HasSubstr("round 1 reach recall@1 0.4200"));
}

TEST(LoopReport, ThePageSaysVerdictTruthAndUndo) {
  test::TempDir folder;
  std::vector<LoopStep> steps = {step("given labels", 0.3), step("repaired labels", 0.4, {0.1, 0.06, 0.14}, 20)};
  const auto plain = loop_table(steps, {"recall@1"});
  EXPECT_THAT(plain.header, Not(::testing::Contains("wrong labels")));
  steps[0].truth = LoopTruth{0.4, 1, 1};
  steps[1].truth = LoopTruth{0.1, 1, 0.95};
  EXPECT_THAT(loop_table(steps, {"recall@1"}).rows[1], ::testing::Contains("95.0 %"));
  write_loop_page(folder / "report.html", "loop", steps, {"recall@1"}, judge_loop(steps, "recall@1", ""));
  const std::string html = read_file(folder / "report.html");
  EXPECT_THAT(html, HasSubstr("40.0 % were wrong before, 10.0 % of those left are"));
  EXPECT_THAT(html, HasSubstr("winnow noise revert round-1/repaired.csv"));
  EXPECT_THAT(html, HasSubstr("<svg"));
}

}  // namespace
}  // namespace winnow
