#include "losses/mixture_trust.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "src/core/random.h"
#include "tests/unit/losses/loss_support.h"
#include "tests/unit/losses/noisy_world.h"

namespace winnow::test {
namespace {

std::vector<double> two_heaps(size_t low, size_t high, double gap) {
  std::vector<double> out;
  Random random(5, "mixture test");
  for (size_t i = 0; i < low + high; ++i) out.push_back((i < low ? 0.0 : gap) + 0.1 * random.normal());
  return out;
}

TEST(TwoGaussians, FindsWeightsMeansAndSpreads) {
  const auto m = fit_two_gaussians(two_heaps(400, 600, 1.0));
  EXPECT_NEAR(m.low_mean, 0.0, 0.02);
  EXPECT_NEAR(m.high_mean, 1.0, 0.02);
  EXPECT_NEAR(m.low_weight, 0.4, 0.005);
  EXPECT_NEAR(m.separation(), 10.0, 0.6);
}

TEST(TwoGaussians, HandWorkedPosteriorAndSeparation) {
  const TwoGaussians m{-1, 1, 0.25, 1, 0.2};
  EXPECT_DOUBLE_EQ(m.separation(), 2 / std::sqrt(0.625));
  const auto normal = [](double x, double mean, double sd) {
    return std::exp(-(x - mean) * (x - mean) / (2 * sd * sd)) / sd;
  };
  const double low = 0.2 * normal(0.3, -1, 0.5), high = 0.8 * normal(0.3, 1, 1);
  EXPECT_NEAR(m.high_posterior(0.3), high / (low + high), 1e-12);
  EXPECT_EQ(m.high_posterior(1.0), 1.0);
  EXPECT_EQ(m.high_posterior(-5.0), 0.0) << "the wide high component does not win the far left tail back";
}

TEST(TwoGaussians, OneHeapIsNotSeparated) {
  EXPECT_LT(fit_two_gaussians(two_heaps(0, 2000, 1.0)).separation(), 1.6);
  const std::vector<double> same(50, 0.3);
  EXPECT_EQ(fit_two_gaussians(same).separation(), 0.0);
}

TEST(ClassCentres, ForgetAtThePaceOfWhatIsTrusted) {
  auto context = small_context();
  context.classes = context.dim = 2;
  ClassCentres centres("test", context);
  const auto add = [&](std::vector<double> z, double weight) {
    centres.add(at::tensor(z, at::TensorOptions(at::kDouble)).view({1, 2}), at::zeros({1}, at::kLong),
                at::full({1}, weight, at::kDouble));
  };
  add({1, 0}, 1);
  add({1, 0}, 1);
  centres.end_epoch();
  for (int i = 0; i < 100; ++i) add({0, 1}, 0);
  EXPECT_EQ(centres.unit()[0][0].item<double>(), 1.0) << "nothing trusted came, nothing is forgotten";
  EXPECT_EQ(centres.unit()[1].abs().sum().item<double>(), 0.0);
  EXPECT_TRUE(centres.seen()[0].item<bool>() && !centres.seen()[1].item<bool>());
  add({0, 1}, 1);  // a class of 2: half of (2, 0) goes
  EXPECT_NEAR(centres.unit()[0][1].item<double>(), std::sqrt(0.5), 1e-12);
}

TEST(MixtureTrust, FindsWrongLabelsAndTheirShareToldNothing) {
  for (const auto* signal : {"margin", "loss"}) {
    const NoisyWorld world(4);
    MixtureTrustOptions options;
    options.signal = signal;
    MixtureTrust estimator(options, world.context);
    world.run(estimator, 0, 30);
    const auto verdict = estimator.judge(world.batch(30));
    EXPECT_NEAR(verdict.rate_estimate, 0.25, 0.02) << signal;
    EXPECT_GT(verdict.separation, 3.0) << signal;
    const auto right = world.labels.eq(world.truth);
    const auto table = *estimator.table();
    EXPECT_TRUE(table.trust.gt(0.5).eq(right).all().item<bool>()) << signal;
    EXPECT_EQ(table.trust.numel(), 320);
  }
}

TEST(MixtureTrust, CleanLabelsAreAllTrusted) {
  for (const double noise : {0.05, 0.15, 0.4}) {
    const NoisyWorld world(0, noise);
    MixtureTrust estimator({}, world.context);
    world.run(estimator, 0, 30);
    const auto verdict = estimator.judge(world.batch(30));
    EXPECT_EQ(verdict.rate_estimate, 0.0) << noise;
    EXPECT_GE(verdict.separation, 0.0);
    EXPECT_TRUE(verdict.trust.eq(1).all().item<bool>()) << noise;
  }
}

TEST(MixtureTrust, KnowsNothingBeforeItsFirstFit) {
  const NoisyWorld world(4);
  MixtureTrust estimator({}, world.context);
  world.run(estimator, 0, 9);
  const auto verdict = estimator.judge(world.batch(9));
  EXPECT_LT(verdict.separation, 0);
  EXPECT_LT(verdict.rate_estimate, 0);
  EXPECT_TRUE(verdict.trust.eq(1).all().item<bool>());
  // the first half of the first epoch is not scored: its centres are of a handful of pictures
  const auto score = estimator.table()->score;
  EXPECT_TRUE(score.narrow(0, 0, 160).isnan().all().item<bool>());
  EXPECT_FALSE(score.narrow(0, 160, 128).isnan().any().item<bool>());
}

TEST(MixtureTrust, ScoreIsTheRunningMarginToTheCentres) {
  // Two classes in the plane, one picture a step: (1,0) is 0, then (0,1) is 1, then (0.6,0.8) is 0 twice.
  auto context = small_context();
  context.classes = context.dim = 2;
  context.items = 3;
  context.steps_per_epoch = 2;
  MixtureTrust estimator({}, context);
  const auto show = [&](int64_t row, std::vector<double> z, int64_t label, int64_t step) {
    LossBatch b;
    b.z = at::tensor(z, at::TensorOptions(at::kDouble)).view({1, 2});
    b.labels = at::full({1}, label, at::kLong);
    b.rows = at::full({1}, row, at::kLong);
    b.step = step;
    estimator.observe(b, {});
  };
  show(0, {1, 0}, 0, 0);
  show(1, {0, 1}, 1, 0);
  show(2, {0.6, 0.8}, 0, 1);
  EXPECT_NEAR(estimator.table()->score[2].item<double>(), 0.6 - 0.8, 1e-6);
  show(2, {0.6, 0.8}, 0, 2);  // class 0 is now (1.6, 0.8) / |.|
  const double second = (0.6 * 1.6 + 0.8 * 0.8) / std::hypot(1.6, 0.8) - 0.8;
  EXPECT_NEAR(estimator.table()->score[2].item<double>(), 0.6 * -0.2 + 0.4 * second, 1e-6);
}

TEST(MixtureTrust, ContinuesToTheBit) {
  const NoisyWorld world(3);
  MixtureTrustOptions options;
  options.every = 7;
  MixtureTrust whole(options, world.context), resumed(options, world.context);
  world.run(whole, 0, 17);
  const auto state = copy_of(whole.state());
  resumed.load_state(LossState(state.rbegin(), state.rend()));
  for (int64_t step = 17; step < 33; ++step) {
    world.run(whole, step, step + 1);
    world.run(resumed, step, step + 1);
    const auto a = whole.judge(world.batch(step)), b = resumed.judge(world.batch(step));
    EXPECT_TRUE(same_bits(a.trust, b.trust));
    EXPECT_EQ(a.separation, b.separation);
  }
  const auto a = whole.state(), b = resumed.state();
  for (size_t i = 0; i < a.size(); ++i) EXPECT_TRUE(same_bits(a[i].second, b[i].second)) << a[i].first;
}

TEST(MixtureTrust, PrefersTheTeacherAndNeedsScoresForTheLoss) {
  const NoisyWorld world(4);
  MixtureTrust by_margin({}, world.context);
  for (int64_t step = 0; step < 30; ++step) {
    auto b = world.batch(step);
    b.z_teacher = b.z;
    b.z = at::full_like(b.z, std::sqrt(1.0 / 8));  // the student says nothing
    by_margin.observe(b, {});
    if (step % 10 == 9) by_margin.end_epoch(step / 10);
  }
  EXPECT_NEAR(by_margin.judge(world.batch(30)).rate_estimate, 0.25, 0.02);
  MixtureTrustOptions options;
  options.signal = "loss";
  MixtureTrust by_loss(options, world.context);
  EXPECT_EQ(code_of([&] { by_loss.observe(world.batch(8), {}); }), ErrorCode::kConfig);
  auto stranger = world.batch(1);
  stranger.rows = stranger.rows + 1000;
  EXPECT_EQ(code_of([&] { by_margin.judge(stranger); }), ErrorCode::kData);
}

TEST(MixtureTrust, SmallClassesAreLeftAlone) {
  const NoisyWorld world(4);
  MixtureTrustOptions options;
  options.least_class = 1000;
  MixtureTrust estimator(options, world.context);
  world.run(estimator, 0, 30);
  EXPECT_TRUE(estimator.judge(world.batch(30)).trust.eq(1).all().item<bool>());
}

/// A low heap that comes to look right is not let in at once; one that is no longer apart is.
TEST(MixtureTrust, AFitInForceStaysWhenOnlyItsLowHeapLooksRight) {
  const NoisyWorld world(4);
  MixtureTrust before({}, world.context);
  world.run(before, 0, 30);
  MixtureTrustOptions options;
  options.wrong_below = -2;  // every low heap looks right
  MixtureTrust fresh(options, world.context), after(options, world.context);
  world.run(fresh, 0, 30);
  EXPECT_EQ(fresh.judge(world.batch(30)).rate_estimate, 0.0);
  after.load_state(copy_of(before.state()));
  world.run(after, 30, 40);
  EXPECT_NEAR(after.judge(world.batch(40)).rate_estimate, 0.25, 0.02);
  EXPECT_TRUE(after.table()->trust.gt(0.5).eq(world.labels.eq(world.truth)).all().item<bool>());
  options.separation = 100;
  MixtureTrust apart(options, world.context);
  apart.load_state(copy_of(before.state()));
  world.run(apart, 30, 40);
  EXPECT_EQ(apart.judge(world.batch(40)).rate_estimate, 0.0);
  EXPECT_TRUE(apart.table()->trust.eq(1).all().item<bool>());
}

}  // namespace
}  // namespace winnow::test
