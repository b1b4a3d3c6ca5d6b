#include "src/training/schedule.h"

#include <gtest/gtest.h>

#include <cmath>

namespace winnow {
namespace {

TrainingOptions options(const std::string& schedule, int64_t epochs) {
  TrainingOptions o;
  o.schedule = schedule;
  o.epochs = epochs;
  o.learning_rate = 0.2;
  return o;
}

TEST(Schedule, ConstantIsOneAfterALinearWarmUp) {
  TrainingOptions o = options("constant", 4);
  o.warmup_epochs = 1;
  const Schedule s(o, 4);
  EXPECT_DOUBLE_EQ(s.factor(0), 0.25);
  EXPECT_DOUBLE_EQ(s.factor(1), 0.5);
  EXPECT_DOUBLE_EQ(s.factor(3), 1.0);
  EXPECT_DOUBLE_EQ(s.factor(15), 1.0);
  EXPECT_DOUBLE_EQ(s.rate(1), 0.1);
}

TEST(Schedule, CosineMatchesTheTable) {
  TrainingOptions o = options("cosine", 2);
  const Schedule s(o, 4);
  const double table[] = {1.0, 0.9619397662556434, 0.8535533905932737, 0.6913417161825449,
                          0.5, 0.3086582838174551, 0.1464466094067262, 0.0380602337443566};
  for (int i = 0; i < 8; ++i) EXPECT_NEAR(s.factor(i), table[i], 1e-12) << i;
  o.final_factor = 0.1;
  EXPECT_NEAR(Schedule(o, 4).factor(4), 0.55, 1e-12);
}

TEST(Schedule, CosineAfterWarmUpStartsAtThePeak) {
  TrainingOptions o = options("cosine", 3);
  o.warmup_epochs = 1;
  const Schedule s(o, 2);
  EXPECT_DOUBLE_EQ(s.factor(1), 1.0);
  EXPECT_DOUBLE_EQ(s.factor(2), 1.0);
  EXPECT_NEAR(s.factor(4), 0.5, 1e-12);
}

TEST(Schedule, StepFallsAtEachEpochNamed) {
  TrainingOptions o = options("step", 4);
  o.step_epochs = {1, 2.5};
  o.step_factor = 0.1;
  const Schedule s(o, 2);
  EXPECT_DOUBLE_EQ(s.factor(1), 1.0);
  EXPECT_DOUBLE_EQ(s.factor(2), 0.1);
  EXPECT_DOUBLE_EQ(s.factor(4), 0.1);
  EXPECT_NEAR(s.factor(5), 0.01, 1e-15);
}

TEST(Schedule, PolyFallsToTheFinalFactor) {
  TrainingOptions o = options("poly", 2);
  o.poly_power = 2;
  o.final_factor = 0.2;
  const Schedule s(o, 5);
  EXPECT_DOUBLE_EQ(s.factor(0), 1.0);
  EXPECT_NEAR(s.factor(5), 0.2 + 0.8 * 0.25, 1e-12);
  EXPECT_NEAR(s.factor(9), 0.2 + 0.8 * 0.01, 1e-12);
}

TEST(Schedule, OneCycleRisesThenFalls) {
  const Schedule s(options("one_cycle", 10), 10);
  EXPECT_NEAR(s.factor(0), 0.04, 1e-12);
  EXPECT_NEAR(s.factor(29), 1.0, 1e-12);
  EXPECT_NEAR(s.factor(99), 4e-6, 1e-12);
  EXPECT_GT(s.factor(20), s.factor(10));
  EXPECT_LT(s.factor(80), s.factor(50));
}

TEST(Schedule, OneCycleOfOneStepIsFinite) {
  EXPECT_TRUE(std::isfinite(Schedule(options("one_cycle", 1), 1).factor(0)));
}

}  // namespace
}  // namespace winnow
