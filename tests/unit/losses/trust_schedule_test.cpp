#include "losses/trust_schedule.h"

#include <gtest/gtest.h>

#include <cmath>

namespace winnow::test {
namespace {

TEST(TrustSchedule, ExponentialHalvesEachHalfLife) {
  TrustSchedule s;  // warm-up 0.04, half-life 0.2, floor 0
  EXPECT_EQ(s.at(0.0), 1.0);
  EXPECT_EQ(s.at(0.0399), 1.0);
  EXPECT_DOUBLE_EQ(s.at(0.04), 1.0);
  EXPECT_NEAR(s.at(0.14), std::sqrt(0.5), 1e-12);
  EXPECT_NEAR(s.at(0.24), 0.5, 1e-12);
  EXPECT_NEAR(s.at(0.44), 0.25, 1e-12);
  s.floor = 0.2;
  EXPECT_NEAR(s.at(0.24), 0.6, 1e-12);
}

TEST(TrustSchedule, CrossesOneHalfWhereTheFormulaSays) {
  TrustSchedule s;
  s.floor = 0.1;
  // floor + (1 - floor) 2^-x = 1/2  at  x = log2((1 - floor) / (1/2 - floor))
  const double crossing = s.warmup + s.half_life * std::log2(0.9 / 0.4);
  EXPECT_GT(s.at(crossing - 1e-6), 0.5);
  EXPECT_LT(s.at(crossing + 1e-6), 0.5);
  s.floor = 0.55;
  EXPECT_GT(s.at(1.0), 0.5) << "a floor above one half never crosses";
}

TEST(TrustSchedule, PolynomialReachesItsFloorAtTheEnd) {
  TrustSchedule s;
  s.schedule = "polynomial";
  s.warmup = 0.2;
  EXPECT_NEAR(s.at(0.6), 0.5, 1e-12);
  EXPECT_NEAR(s.at(1.0), 0.0, 1e-12);
  s.power = 2;
  s.floor = 0.1;
  EXPECT_NEAR(s.at(0.6), 0.1 + 0.9 * 0.25, 1e-12);
}

TEST(TrustSchedule, StepTable) {
  TrustSchedule s;
  s.schedule = "step";
  s.warmup = 0;
  s.step_at = {0.08, 0.5};
  s.step_to = {0.3, 0.1};
  EXPECT_EQ(s.at(0.0799), 1.0);
  EXPECT_EQ(s.at(0.08), 0.3);
  EXPECT_EQ(s.at(0.4999), 0.3);
  EXPECT_EQ(s.at(0.5), 0.1);
  EXPECT_EQ(s.at(1.0), 0.1);
}

TEST(TrustSchedule, ReportsEachFault) {
  TrustSchedule s;
  EXPECT_TRUE(s.check().empty());
  s.schedule = "step";
  EXPECT_EQ(s.check().size(), 1u);
  s.step_at = {0.5, 0.4};
  s.step_to = {0.3};
  EXPECT_EQ(s.check().size(), 2u);
}

}  // namespace
}  // namespace winnow::test
