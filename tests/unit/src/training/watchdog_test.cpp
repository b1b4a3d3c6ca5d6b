#include "src/training/watchdog.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/expect_error.h"

namespace winnow {
namespace {

TEST(MeanPairDistance, MatchesHandWorkedValues) {
  EXPECT_NEAR(mean_pair_distance(at::eye(3)), 1.0, 1e-6);
  EXPECT_NEAR(mean_pair_distance(at::ones({5, 1})), 0.0, 1e-6);
  // pairs (e1, e1): 0, (e1, -e1): 2, (e1, -e1): 2
  EXPECT_NEAR(mean_pair_distance(at::tensor({1.0f, 1.0f, -1.0f}).unsqueeze(1)), 4.0 / 3.0, 1e-6);
}

TEST(MeanPairDistance, EqualsTheSumOverPairs) {
  at::Tensor z = at::randn({7, 5});
  z = z / z.norm(2, {1}, true);
  double sum = 0;
  for (int i = 0; i < 7; ++i)
    for (int j = 0; j < 7; ++j)
      if (i != j) sum += 1 - z[i].dot(z[j]).item<double>();
  EXPECT_NEAR(mean_pair_distance(z), sum / 42, 1e-5);
}

TEST(EffectiveRank, CountsDirectionsOfEqualVariance) {
  const auto axes = at::cat({at::eye(4), -at::eye(4)});
  EXPECT_NEAR(effective_rank(axes), 4.0, 1e-6);
  EXPECT_NEAR(effective_rank(axes.slice(1, 0, 2)), 2.0, 1e-6);
  EXPECT_NEAR(effective_rank(at::ones({6, 4})), 1.0, 1e-9);
  // variances 9 : 1 -> exp(-(0.9 ln 0.9 + 0.1 ln 0.1))
  const auto oblong = at::cat({at::diag(at::tensor({3.0f, 1.0f})), -at::diag(at::tensor({3.0f, 1.0f}))});
  EXPECT_NEAR(effective_rank(oblong), std::exp(-(0.9 * std::log(0.9) + 0.1 * std::log(0.1))), 1e-6);
}

TEST(CollapseWatch, NeedsTwentyStepsInARowAfterTheFirstEpoch) {
  CollapseWatch watch(0.1, 10);
  for (int step = 0; step < 10; ++step) EXPECT_FALSE(watch.collapsed(step, 0.0));
  for (int step = 10; step < 29; ++step) EXPECT_FALSE(watch.collapsed(step, 0.05)) << step;
  EXPECT_FALSE(watch.collapsed(29, 0.2));
  for (int step = 30; step < 49; ++step) EXPECT_FALSE(watch.collapsed(step, 0.05)) << step;
  EXPECT_TRUE(watch.collapsed(49, 0.05));
}

TEST(CollapseWatch, ResumesItsStreak) {
  CollapseWatch watch(0.1, 0);
  watch.set_streak(19);
  EXPECT_TRUE(watch.collapsed(100, 0.05));
  EXPECT_FALSE(CollapseWatch(0.0, 0).collapsed(5, 0.0));
}

TEST(Watchdog, MessagesNamePlaceRowsAndRemedy) {
  const StepPlace place{2, 81, {5, 9}, 0.3};
  const auto nan = test::error_of(ErrorCode::kNumeric, [&] { fail_non_finite(place, NAN); });
  EXPECT_NE(nan.find("epoch 3, step 82"), std::string::npos) << nan;
  EXPECT_NE(nan.find("manifest rows 5, 9"), std::string::npos) << nan;
  EXPECT_NE(nan.find("training.learning_rate"), std::string::npos) << nan;
  const auto swaps = test::error_of(ErrorCode::kNumeric, [&] { fail_collapsed(place, 0.001, 0.02, "seccnn"); });
  EXPECT_NE(swaps.find("targets: seccnn"), std::string::npos) << swaps;
  const auto plain = test::error_of(ErrorCode::kNumeric, [&] { fail_collapsed(place, 0.001, 0.02, ""); });
  EXPECT_NE(plain.find("training.learning_rate (now 0.3)"), std::string::npos) << plain;
}

}  // namespace
}  // namespace winnow
