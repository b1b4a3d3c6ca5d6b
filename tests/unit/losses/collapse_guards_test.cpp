#include "losses/collapse_guards.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit/losses/loss_support.h"

namespace winnow::test {
namespace {

LossContext classes_of(int64_t classes) {
  auto context = small_context();
  context.classes = classes;
  return context;
}

at::Tensor log_of(std::vector<double> p, int64_t rows) {
  return at::tensor(p, at::TensorOptions(at::kDouble)).view({rows, -1}).log();
}

TEST(BalanceTerm, IsTheDivergenceOfTheMeanFromUniform) {
  // 2 classes, 8 rows: the batch is large enough to stand alone
  BalanceTerm guard(2.0, classes_of(2));
  const auto logits = log_of({0.9, 0.1, 0.7, 0.3, 0.9, 0.1, 0.7, 0.3, 0.9, 0.1, 0.7, 0.3, 0.9, 0.1, 0.7, 0.3}, 8);
  const double kl = 0.5 * std::log(0.5 / 0.8) + 0.5 * std::log(0.5 / 0.2);
  EXPECT_NEAR(guard.term(logits).item<double>(), 2 * kl, 1e-12);
  EXPECT_NEAR(guard.term(logits).item<double>(), 2 * kl, 1e-12) << "the second batch stands alone too";
  EXPECT_NEAR(guard.term(at::zeros({8, 2}, at::kDouble)).item<double>(), 0.0, 1e-12);
}

TEST(BalanceTerm, OffWithoutWeight) {
  BalanceTerm guard(0.0, classes_of(2));
  EXPECT_FALSE(guard.term(at::zeros({8, 2}, at::kDouble)).defined());
}

TEST(BalanceTerm, GradientIsThatOfTheValueForALargeBatch) {
  BalanceTerm guard(1.0, classes_of(2));
  const auto logits = (at::arange(16, at::TensorOptions(at::kDouble)).view({8, 2}).sin() * 2).requires_grad_(true);
  const auto exact = gradient(guard.term(logits), logits);
  const auto value = [&] { return BalanceTerm(1.0, classes_of(2)).term(logits).item<double>(); };
  EXPECT_LT(largest_difference(exact, central_differences(value, logits)), 1e-8);
}

TEST(BalanceTerm, SmallBatchesCountAsOneLargeOne) {
  // 4 classes, 8 rows a batch: the mean is taken over 2 batches
  const auto all = (at::arange(64, at::TensorOptions(at::kDouble)).view({16, 4}) * 1.3).sin() * 3;
  BalanceTerm guard(1.0, classes_of(4));
  guard.term(all.narrow(0, 0, 8));
  const auto second = all.narrow(0, 8, 8).clone().requires_grad_(true);
  const auto value = guard.term(second);
  const auto mean = all.softmax(1).mean(0);
  EXPECT_NEAR(value.item<double>(), -(mean * 4).log().mean().item<double>(), 1e-12);

  const auto both = all.clone().requires_grad_(true);
  const auto whole = -(both.softmax(1).mean(0) * 4).log().mean();
  // A loss averaged over 8 rows weighs each of them twice as much as one over 16: so must this term.
  EXPECT_LT(largest_difference(gradient(value, second), 2 * gradient(whole, both).narrow(0, 8, 8)), 1e-12);
}

TEST(BalanceTerm, PullsUpADeadClass) {
  BalanceTerm guard(1.0, classes_of(2));
  const auto logits = at::tensor({500.0f, -500.0f}).expand({8, 2}).contiguous().requires_grad_(true);
  const auto value = guard.term(logits);
  EXPECT_TRUE(value.isfinite().item<bool>());
  const auto slope = gradient(value, logits);
  EXPECT_LT(slope.select(1, 1).max().item<double>(), -0.05) << "descent raises the score of the dead class";
}

at::Tensor labels_of(std::vector<int64_t> labels) { return at::tensor(labels, at::TensorOptions(at::kLong)); }

TEST(ShareGuard, FreezesAClassPredictedThreeTimesTooOften) {
  ShareGuard guard(3.0, classes_of(4));
  const auto labels = labels_of({0, 0, 1, 1, 2, 2, 3, 3});
  for (int step = 0; step < 20; ++step) guard.observe(labels, labels_of({1, 1, 1, 1, 1, 1, 1, 1}));
  const auto frozen = guard.frozen();
  EXPECT_TRUE(frozen[1].item<bool>());
  EXPECT_EQ(frozen.sum().item<int64_t>(), 1);
}

TEST(ShareGuard, LeavesHonestPredictionsAndRecovers) {
  ShareGuard guard(3.0, classes_of(4));
  const auto labels = labels_of({0, 0, 1, 1, 2, 2, 3, 3});
  for (int step = 0; step < 20; ++step) guard.observe(labels, labels_of({1, 1, 1, 1, 1, 1, 1, 1}));
  ASSERT_TRUE(guard.frozen()[1].item<bool>());
  for (int step = 0; step < 40; ++step) guard.observe(labels, labels);
  EXPECT_FALSE(guard.frozen().any().item<bool>());
}

TEST(ShareGuard, OffAtZero) {
  ShareGuard guard(0.0, classes_of(2));
  guard.observe(labels_of({0, 0, 0, 0}), labels_of({1, 1, 1, 1}));
  EXPECT_FALSE(guard.frozen().any().item<bool>());
}

}  // namespace
}  // namespace winnow::test
