// Target policies and trust estimators beyond the mixture, on hand-worked values and on a small noisy world.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "losses/prism.h"
#include "losses/ranked_trust.h"
#include "losses/small_loss.h"
#include "losses/soft_correction.h"
#include "tests/unit/losses/noisy_world.h"

namespace winnow::test {
namespace {

/// One picture of 3 classes, labelled 1, at a share of the training.
LossBatch one_picture(double progress) {
  LossBatch batch;
  batch.z = at::tensor({1.0, 0.0, 0.0, 0.0}, at::TensorOptions(at::kDouble)).view({1, 4});
  batch.labels = at::ones({1}, at::kLong);
  batch.rows = at::full({1}, 7, at::kLong);
  batch.progress = progress;
  return batch;
}

LossContext three_classes() {
  auto context = small_context();
  context.classes = 3;
  return context;
}

const at::Tensor& prediction() {
  static const auto p = at::tensor({0.7, 0.2, 0.1}, at::TensorOptions(at::kDouble)).view({1, 3});
  return p;
}

std::vector<double> soft_of(TargetPolicy& policy, double progress) {
  Random random(1, "targets");
  const auto targets = policy.apply(one_picture(progress), {}, prediction().log(), random);
  if (!targets.soft.defined()) return {};
  const auto row = targets.soft[0].contiguous();
  EXPECT_EQ(targets.labels.item<int64_t>(), row.argmax().item<int64_t>());
  return {row.const_data_ptr<double>(), row.const_data_ptr<double>() + 3};
}

void expect_near(const std::vector<double>& a, const std::vector<double>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-12) << i;
}

TEST(Selc, MovesFromTheGivenLabelToTheAveragePrediction) {
  Selc policy({}, three_classes());
  EXPECT_TRUE(soft_of(policy, 0.1).empty()) << "given labels before the start";
  expect_near(soft_of(policy, 0.3), {0.07, 0.92, 0.01});
  expect_near(soft_of(policy, 0.4), {0.9 * 0.07 + 0.07, 0.9 * 0.92 + 0.02, 0.9 * 0.01 + 0.01});
}

TEST(ProSelfLc, WeighsTimeAndConfidence) {
  ProSelfLc policy({}, three_classes());
  const double entropy = -(0.7 * std::log(0.7) + 0.2 * std::log(0.2) + 0.1 * std::log(0.1));
  for (const double t : {0.1, 0.5, 0.9}) {
    const double eps = (1 - entropy / std::log(3.0)) / (1 + std::exp(-10 * (t - 0.5)));
    expect_near(soft_of(policy, t), {eps * 0.7, 1 - eps + eps * 0.2, eps * 0.1});
  }
}

TEST(JointOptimization, TakesTheAveragePredictionAndPenalisesEntropy) {
  JointOptions options;
  options.balance = 0;
  JointOptimization policy(options, three_classes());
  EXPECT_TRUE(soft_of(policy, 0.1).empty());
  expect_near(soft_of(policy, 0.5), {0.7, 0.2, 0.1});
  const double entropy = -(0.7 * std::log(0.7) + 0.2 * std::log(0.2) + 0.1 * std::log(0.1));
  EXPECT_NEAR(policy.regulariser(prediction().log()).item<double>(), 0.8 * entropy, 1e-12);
}

TEST(Policies, NeedAClassificationLoss) {
  for (const auto* name : {"selc", "proselflc", "joint", "small_loss"}) {
    const auto policy = make_policy(name, three_classes());
    Random random(1, "targets");
    EXPECT_EQ(code_of([&] { policy->apply(one_picture(0.5), {}, {}, random); }), ErrorCode::kConfig) << name;
  }
}

TEST(SmallLoss, DropsTheLargestAtTheRateGivenOrFound) {
  auto context = small_context();
  auto batch = random_batch(8, context, 4);
  const auto logits = at::zeros({8, 5}, at::kDouble)
                          .scatter(1, batch.labels.unsqueeze(1), at::linspace(0, 7, 8, at::kDouble).unsqueeze(1));
  const auto kept = [&](double rate, double progress, Verdict verdict) {
    SmallLossOptions options;
    options.rate = rate;
    SmallLoss policy(options, context);
    batch.progress = progress;
    Random random(1, "targets");
    return policy.apply(batch, verdict, logits, random).trust;
  };
  const auto last = [](int64_t n) { return at::arange(8, at::kLong).ge(8 - n).to(at::kDouble); };
  EXPECT_TRUE(at::equal(kept(0.5, 0.5, {}), last(4)));
  EXPECT_TRUE(at::equal(kept(0.5, 0.025, {}), last(6))) << "half-way up the ramp";
  EXPECT_TRUE(at::equal(kept(0, 0.5, {}), last(8)));
  EXPECT_TRUE(at::equal(kept(-1, 0.5, {}), last(8))) << "nothing is known";
  Verdict found;
  found.rate_estimate = 0.25;
  EXPECT_TRUE(at::equal(kept(-1, 0.5, found), last(6)));
}

TEST(Prism, AtRateZeroKeepsAll) {
  const NoisyWorld world(4);
  PrismOptions options;
  options.rate = 0;
  Prism estimator(options, world.context);
  world.run(estimator, 0, 20);
  for (int64_t step = 20; step < 30; ++step)
    EXPECT_TRUE(estimator.judge(world.batch(step)).trust.eq(1).all().item<bool>());
}

TEST(Prism, FindsWrongLabelsAtTheirRate) {
  for (const auto* score : {"centre", "vmf"})
    for (const auto* threshold : {"smooth", "batch"}) {
      const NoisyWorld world(4);
      PrismOptions options;
      options.rate = 0.25;
      options.score = score;
      options.threshold = threshold;
      Prism estimator(options, world.context);
      world.run(estimator, 0, 40);
      const auto trust = estimator.table()->trust;
      const auto right = world.labels.eq(world.truth);
      const auto agreement = trust.gt(0.5).eq(right).to(at::kDouble).mean().item<double>();
      EXPECT_GT(agreement, 0.97) << score << " " << threshold;
    }
}

TEST(Prism, ScoreIsTheSoftmaxOverCentres) {
  auto context = small_context();
  context.classes = context.dim = 2;
  context.items = 3;
  PrismOptions options;
  options.rate = 0.5;
  Prism estimator(options, context);
  LossBatch batch;
  batch.z = at::tensor({1.0, 0.0, 0.0, 1.0}, at::TensorOptions(at::kDouble)).view({2, 2});
  batch.labels = at::arange(2, at::kLong);
  batch.rows = at::arange(2, at::kLong);
  estimator.observe(batch, {});
  batch.z = at::tensor({0.6, 0.8}, at::TensorOptions(at::kDouble)).view({1, 2});
  batch.labels = at::zeros({1}, at::kLong);
  batch.rows = at::full({1}, 2, at::kLong);
  estimator.observe(batch, {});
  EXPECT_NEAR(estimator.table()->score[2].item<double>(), 1 / (1 + std::exp(0.8 - 0.6)), 1e-6);
}

TEST(VonMisesFisher, ConstantIsThatOfTheSphere) {
  // D = 3 has the closed form kappa / (4 pi sinh kappa); the expansion is off by about 1 / (6 D - 12).
  for (const double kappa : {0.5, 2.0, 20.0}) {
    const auto log_constant = log_vmf_constant(at::full({1}, kappa, at::kDouble), 3).item<double>();
    EXPECT_NEAR(log_constant, std::log(kappa / (4 * 3.14159265358979 * std::sinh(kappa))), 0.2) << kappa;
  }
  // D = 64, kappa -> 0: one over the area of the sphere, Gamma(32) / (2 pi^32)
  EXPECT_NEAR(log_vmf_constant(at::full({1}, 1e-3, at::kDouble), 64).item<double>(),
              std::lgamma(32.0) - std::log(2.0) - 32 * std::log(3.14159265358979), 5e-3);
}

TEST(O2u, DropsTheLargestMeanLossesAtTheStart) {
  const NoisyWorld world(4);
  O2uOptions options;
  options.rate = 0.25;
  auto context = world.context;
  context.total_steps = 40;
  O2u estimator(options, context);
  world.run(estimator, 0, 19);
  EXPECT_TRUE(estimator.judge(world.batch(0)).trust.eq(1).all().item<bool>());
  world.run(estimator, 19, 20);
  EXPECT_TRUE(estimator.table()->trust.gt(0.5).eq(world.labels.eq(world.truth)).all().item<bool>());
  EXPECT_EQ(estimator.judge(world.batch(0)).rate_estimate, 0.25);
}

TEST(ConfidentTrust, FindsWrongLabelsAndTheirShareToldNothing) {
  for (const int64_t wrong : {0, 4}) {
    const NoisyWorld world(wrong);
    ConfidentTrust estimator({}, world.context);
    world.run(estimator, 0, 30);
    const auto right = world.labels.eq(world.truth);
    EXPECT_TRUE(estimator.table()->trust.gt(0.5).eq(right).all().item<bool>()) << wrong;
    EXPECT_NEAR(estimator.judge(world.batch(0)).rate_estimate, wrong ? 0.25 : 0.0, 0.01);
  }
}

TEST(ConfidentTrust, HandWorkedPruning) {
  // Labels 0 0 0 1 1, own q .9 .8 .1 .7 .9: thresholds .6 and .8. Picture 2 is confidently 1, 0 and 1 confidently 0, so
  // a third of class 0 goes; in class 1 picture 3 is nobody's, and nothing goes.
  auto context = small_context();
  context.classes = 2;
  context.items = 5;
  ConfidentOptions options;
  options.start_epoch = 0;
  ConfidentTrust estimator(options, context);
  LossBatch batch;
  batch.z = at::ones({5, 4}, at::kDouble) / 2;
  batch.labels = at::tensor({0, 0, 0, 1, 1}, at::TensorOptions(at::kLong));
  batch.rows = at::arange(5, at::kLong);
  const auto p0 = at::tensor({0.9, 0.8, 0.1, 0.3, 0.1}, at::TensorOptions(at::kDouble));
  estimator.observe(batch, at::stack({p0, 1 - p0}, 1).log());
  estimator.end_epoch(0);
  EXPECT_TRUE(
      at::equal(estimator.judge(batch).trust, at::tensor({1.0, 1.0, 0.0, 1.0, 1.0}, at::TensorOptions(at::kDouble))));
  EXPECT_NEAR(estimator.judge(batch).rate_estimate, 0.2, 1e-12);
}

class RememberingTrust : public ::testing::TestWithParam<std::string> {};

TEST_P(RememberingTrust, ContinuesToTheBit) {
  const NoisyWorld world(3);
  auto context = world.context;
  context.total_steps = 50;
  const auto make = [&] { return trust_family().maker(GetParam())(*trust_family().make_options(GetParam()), context); };
  const auto whole = make(), resumed = make();
  world.run(*whole, 0, 17);
  const auto state = copy_of(whole->state());
  resumed->load_state(LossState(state.rbegin(), state.rend()));
  for (int64_t step = 17; step < 43; ++step) {
    world.run(*whole, step, step + 1);
    world.run(*resumed, step, step + 1);
    EXPECT_TRUE(same_bits(whole->judge(world.batch(step)).trust, resumed->judge(world.batch(step)).trust));
  }
  const auto a = whole->state(), b = resumed->state();
  for (size_t i = 0; i < a.size(); ++i) EXPECT_TRUE(same_bits(a[i].second, b[i].second)) << a[i].first;
}

INSTANTIATE_TEST_SUITE_P(All, RememberingTrust, ::testing::ValuesIn(trust_family().names()),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace winnow::test
