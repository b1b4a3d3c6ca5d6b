#include "src/training/mixing.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace winnow {
namespace {

TrainingOptions with(double mixup, double cutmix) {
  TrainingOptions options;
  options.mixup = mixup;
  options.cutmix = cutmix;
  return options;
}

TEST(Mixing, IsOffByDefault) {
  const auto images = at::randint(256, {2, 4, 4, 3}, at::kByte);
  const Mix mix = draw_mix({}, 2, 4, 4, 0);
  EXPECT_TRUE(mix.partner.empty());
  EXPECT_TRUE(mix_images(images, mix).is_same(images));
}

TEST(Mixing, ShareFollowsBetaAndIsAFunctionOfTheStep) {
  double sum = 0;
  for (int64_t step = 0; step < 4000; ++step) {
    const Mix mix = draw_mix(with(1.0, 0), 8, 4, 4, step);
    ASSERT_GE(mix.share, 0.5);
    sum += mix.share;
  }
  EXPECT_NEAR(sum / 4000, 0.75, 0.01);  // max(u, 1 - u) of a uniform u
  EXPECT_EQ(draw_mix(with(1.0, 0), 8, 4, 4, 7).partner, draw_mix(with(1.0, 0), 8, 4, 4, 7).partner);
  EXPECT_NE(draw_mix(with(1.0, 0), 8, 4, 4, 7).share, draw_mix(with(1.0, 0), 8, 4, 4, 8).share);
}

TEST(Mixing, BlendsPictures) {
  const auto images = at::stack({at::full({2, 2, 3}, 100, at::kByte), at::full({2, 2, 3}, 200, at::kByte)});
  Mix mix;
  mix.share = 0.75;
  mix.partner = {1, 0};
  const auto out = mix_images(images, mix);
  EXPECT_EQ(out[0].to(at::kLong).min().item<int64_t>(), 125);
  EXPECT_EQ(out[1].to(at::kLong).max().item<int64_t>(), 175);
}

TEST(Mixing, PastesABoxOfTheRemainingShare) {
  const auto images = at::stack({at::zeros({16, 16, 3}, at::kByte), at::ones({16, 16, 3}, at::kByte)});
  for (int64_t step = 0; step < 50; ++step) {
    Mix mix = draw_mix(with(0, 1.0), 2, 16, 16, step);
    mix.partner = {1, 0};
    const auto out = mix_images(images, mix);
    EXPECT_NEAR(out[0].to(at::kDouble).mean().item<double>(), 1 - mix.share, 1e-9);
    EXPECT_NEAR(out[1].to(at::kDouble).mean().item<double>(), mix.share, 1e-9);
  }
}

TEST(Mixing, TargetsAreTheMixOfBothWeightedLosses) {
  Mix mix;
  mix.share = 0.6;
  mix.partner = {1, 0};
  Targets targets{at::tensor({int64_t{0}, int64_t{2}}), {}, at::tensor({1.0, 0.5}, at::kDouble)};
  const auto out = mix_targets(targets, mix, 3);
  const auto losses = at::tensor({2.0, 3.0, 5.0}, at::kDouble);
  // 0.6 * 1 * loss(0) + 0.4 * 0.5 * loss(2)
  EXPECT_NEAR((out.trust[0] * (out.soft[0] * losses).sum()).item<double>(), 0.6 * 2 + 0.2 * 5, 1e-12);
  EXPECT_NEAR(out.soft.sum(1)[1].item<double>(), 1.0, 1e-12);
}

TEST(Mixing, DistrustedPairsKeepRowsThatSumToOne) {
  Mix mix;
  mix.share = 0.6;
  mix.partner = {1, 0};
  const auto out = mix_targets({at::tensor({int64_t{0}, int64_t{1}}), {}, at::zeros({2}, at::kDouble)}, mix, 3);
  EXPECT_EQ(out.trust.max().item<double>(), 0.0);
  EXPECT_NEAR(out.soft.sum(1).min().item<double>(), 1.0, 1e-12);
}

}  // namespace
}  // namespace winnow
