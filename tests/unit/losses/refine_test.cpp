#include "losses/refine.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "losses/normalized_softmax.h"
#include "tests/support/expect_error.h"
#include "tests/unit/losses/loss_support.h"

namespace winnow::test {
namespace {

constexpr double kLogThree = 1.0986122886681098;  // scores (0, log 3, 0, ...) over 4 classes: p = 1/6, 1/2, 1/6, 1/6

LossBatch two_items() {
  LossBatch batch;
  batch.z = at::full({2, 4}, 0.5, at::kDouble);
  batch.labels = at::tensor({int64_t{0}, int64_t{1}});
  batch.rows = at::arange(2, at::TensorOptions(at::kLong));
  return batch;
}

at::Tensor scores() {
  auto one = at::zeros({2, 4}, at::kDouble);
  one.select(1, 1).fill_(kLogThree);
  return one;
}

LossContext four_classes() {
  auto context = small_context();
  context.classes = 4;
  return context;
}

Targets apply(const RefineOptions& options, double trust) {
  Refine policy(options, four_classes());
  Verdict verdict;
  verdict.trust = at::full({2}, trust, at::kDouble);
  Random random(1, "t");
  return policy.apply(two_items(), verdict, scores(), random);
}

TEST(Refine, MixesByTrustWhereThePredictionIsSure) {
  RefineOptions options;
  options.prediction = "current";
  options.confidence = 0.5;
  const auto t = apply(options, 0.25);
  // 0.25 e_0 + 0.75 (1/6, 1/2, 1/6, 1/6)
  EXPECT_NEAR(t.soft[0][0].item<double>(), 0.25 + 0.75 / 6, 1e-12);
  EXPECT_NEAR(t.soft[0][1].item<double>(), 0.375, 1e-12);
  EXPECT_NEAR(t.soft.sum(1)[0].item<double>(), 1.0, 1e-12);
  EXPECT_NEAR(t.trust[0].item<double>(), 0.25 + 0.75 * 0.5, 1e-12);
  EXPECT_EQ(t.labels[1].item<int64_t>(), 1);
}

TEST(Refine, KeepsTheGivenLabelWithItsTrustWhereThePredictionIsUnsure) {
  RefineOptions options;
  options.prediction = "current";
  options.confidence = 0.51;
  const auto t = apply(options, 0.25);
  EXPECT_EQ(t.soft[0][0].item<double>(), 1.0);
  EXPECT_NEAR(t.trust[0].item<double>(), 0.25, 1e-12);
}

TEST(Refine, FullTrustIsTheGivenLabel) {
  RefineOptions options;
  options.prediction = "current";
  options.confidence = 0;
  const auto t = apply(options, 1.0);
  EXPECT_TRUE(at::equal(t.labels, two_items().labels));
  EXPECT_EQ(t.soft[0][0].item<double>(), 1.0);
  EXPECT_EQ(t.trust.min().item<double>(), 1.0);
}

TEST(Refine, LowTemperatureSharpens) {
  RefineOptions options;
  options.prediction = "current";
  options.temperature = 0.5;  // 1, 9, 1, 1 over 12
  EXPECT_NEAR(apply(options, 0.0).soft[0][1].item<double>(), 0.75, 1e-12);
}

TEST(Refine, AsksForAnEmaWhereTheTeacherRefines) {
  RefineOptions options;
  options.prediction = "teacher";
  const auto message = error_of(ErrorCode::kConfig, [&] { apply(options, 0.5); });
  EXPECT_NE(message.find("ema_decay"), std::string::npos) << message;
  Refine policy({}, four_classes());
  EXPECT_THROW(policy.bind(nullptr), Error);
}

}  // namespace
}  // namespace winnow::test
