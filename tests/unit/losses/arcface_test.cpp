#include "losses/arcface.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <cmath>

#include "losses/normalized_softmax.h"
#include "tests/unit/losses/loss_support.h"

namespace winnow::test {
namespace {

constexpr double kPi = 3.14159265358979323846;

/// Two classes at angles 0 and 90 degrees in the plane.
std::unique_ptr<ArcFace> two_classes(const ArcFaceOptions& options) {
  auto context = small_context();
  context.classes = context.dim = 2;
  auto loss = std::make_unique<ArcFace>(options, context);
  const at::NoGradGuard no_grad;
  auto weight = loss->parameters()[0].second;
  weight.copy_(at::eye(2, weight.options()));
  return loss;
}

LossBatch at_angle(double theta, int64_t label) {
  LossBatch batch;
  batch.z =
      at::tensor({std::cos(theta), std::sin(theta)}, at::TensorOptions(at::kDouble)).view({1, 2}).requires_grad_(true);
  batch.labels = at::full({1}, label, at::TensorOptions(at::kLong));
  return batch;
}

double value_at(ArcFace& loss, double theta, double progress = 0) {
  auto batch = at_angle(theta, 0);
  batch.progress = progress;
  return first_values(loss, batch, given_targets(batch)).item<double>();
}

double two_class_loss(double own, double other, double scale) { return std::log1p(std::exp(scale * (other - own))); }

TEST(ArcFace, HandWorkedValue) {
  ArcFaceOptions options;
  options.scale = 4;
  options.margin = 0.3;
  const auto loss = two_classes(options);
  EXPECT_NEAR(value_at(*loss, 0.7), two_class_loss(std::cos(1.0), std::sin(0.7), 4), 1e-12);
}

TEST(ArcFace, GuardContinuesLinearlyBeyondPiMinusMargin) {
  ArcFaceOptions options;
  options.scale = 4;
  options.margin = 0.5;
  const double theta = kPi - 0.2, other = std::sin(theta);
  const auto guarded = two_classes(options);
  EXPECT_NEAR(value_at(*guarded, theta), two_class_loss(std::cos(theta) - 0.5 * std::sin(0.5), other, 4), 1e-12);
  const double before = kPi - 0.6;
  EXPECT_NEAR(value_at(*guarded, before), two_class_loss(std::cos(before + 0.5), std::sin(before), 4), 1e-12);
  options.guard = false;
  const auto unguarded = two_classes(options);
  EXPECT_NEAR(value_at(*unguarded, theta), two_class_loss(std::cos(theta + 0.5), other, 4), 1e-12);
}

TEST(ArcFace, WithoutMarginIsNormalizedSoftmax) {
  const auto context = small_context();
  ArcFaceOptions arc;
  arc.margin = 0;
  arc.scale = 20;
  ArcFace a(arc, context);
  NormalizedSoftmax n({}, context);
  const auto batch = random_batch(8, context, 1);
  auto targets = given_targets(batch);
  EXPECT_LT(largest_difference(first_values(a, batch, targets), first_values(n, batch, targets)), 1e-12);
  targets.soft = at::softmax(at::arange(40, at::kDouble).view({8, 5}).sin(), 1);
  EXPECT_LT(largest_difference(first_values(a, batch, targets), first_values(n, batch, targets)), 1e-12);
}

TEST(ArcFace, StraightThroughGradientIsScaleTimesPMinusY) {
  auto context = small_context();
  ArcFaceOptions options;
  options.grad = "straight_through";
  options.guard = false;
  options.scale = 8;
  ArcFace loss(options, context);
  const auto batch = random_batch(6, context, 2);
  const auto targets = given_targets(batch);
  const auto exact_gradient = gradient(reduced(loss, batch, targets), batch.z);

  const at::NoGradGuard no_grad;
  const auto weight = loss.parameters()[0].second;
  const auto unit = weight / weight.norm(2, 1, true);
  const auto cosine = batch.z.mm(unit.t());
  const auto one_hot = at::zeros_like(cosine).scatter(1, batch.labels.unsqueeze(1), 1.0);
  const auto with_margin = at::where(one_hot > 0, (cosine.acos() + options.margin).cos(), cosine);
  const auto p = (8 * with_margin).softmax(1);
  const auto formula = (8 * (p - one_hot)).mm(unit) / 6;
  EXPECT_LT(largest_difference(exact_gradient, formula), 1e-10);
}

TEST(ArcFace, ExactGradientHasTheFactorOfTheSines) {
  ArcFaceOptions options;
  options.scale = 4;
  options.margin = 0.3;
  const auto exact = two_classes(options);
  options.grad = "straight_through";
  const auto straight = two_classes(options);
  const double theta = 0.7;
  const auto slope = [&](ArcFace& loss) {
    const auto batch = at_angle(theta, 0);
    return gradient(first_values(loss, batch, given_targets(batch)).sum(), batch.z)[0][0].item<double>();
  };
  EXPECT_NEAR(slope(*exact) / slope(*straight), std::sin(theta + 0.3) / std::sin(theta), 1e-10);
  EXPECT_NEAR(value_at(*exact, theta), value_at(*straight, theta), 1e-12);
}

TEST(ArcFace, MarginGrowsOverItsRamp) {
  ArcFaceOptions options;
  options.scale = 4;
  options.margin = 0.4;
  options.margin_ramp = 0.2;
  const auto loss = two_classes(options);
  const double other = std::sin(0.7);
  EXPECT_NEAR(value_at(*loss, 0.7, 0.0), two_class_loss(std::cos(0.7), other, 4), 1e-12);
  EXPECT_NEAR(value_at(*loss, 0.7, 0.1), two_class_loss(std::cos(0.9), other, 4), 1e-12);
  EXPECT_NEAR(value_at(*loss, 0.7, 0.6), two_class_loss(std::cos(1.1), other, 4), 1e-12);
}

TEST(ArcFace, LogitsHaveNoMargin) {
  const auto loss = two_classes({});
  const auto logits = loss->logits(at_angle(0.7, 0));
  EXPECT_NEAR(logits[0][0].item<double>(), 64 * std::cos(0.7), 1e-10);
  EXPECT_NEAR(logits[0][1].item<double>(), 64 * std::sin(0.7), 1e-10);
}

TEST(ArcFace, DefaultsAreThoseOfThePeer) {
  const ArcFaceOptions options;
  EXPECT_NEAR(options.margin, 28.6 * kPi / 180, 1e-3);
  EXPECT_EQ(options.scale, 64);
  EXPECT_EQ(options.grad, "exact");
  EXPECT_TRUE(options.guard);
}

}  // namespace
}  // namespace winnow::test
