#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <cmath>

#include "losses/cross_entropy.h"
#include "losses/margin_softmax.h"
#include "losses/normalized_softmax.h"
#include "tests/unit/losses/loss_support.h"

namespace winnow::test {
namespace {

LossContext plane(int64_t classes) {
  auto context = small_context();
  context.classes = classes;
  context.dim = 2;
  return context;
}

void set_parameter(Loss& loss, size_t index, const std::vector<double>& values) {
  const at::NoGradGuard no_grad;
  auto parameter = loss.parameters()[index].second;
  parameter.copy_(at::tensor(values, at::TensorOptions(at::kDouble)).view(parameter.sizes()));
}

LossBatch one_item(const std::vector<double>& raw, int64_t label) {
  LossBatch batch;
  batch.raw = at::tensor(raw, at::TensorOptions(at::kDouble)).view({1, 2});
  batch.z = batch.raw / batch.raw.norm();
  batch.labels = at::full({1}, label, at::TensorOptions(at::kLong));
  return batch;
}

double value_of(Loss& loss, const LossBatch& batch) {
  return first_values(loss, batch, given_targets(batch)).item<double>();
}

TEST(CrossEntropy, HandWorkedValue) {
  CrossEntropy loss({}, plane(3));
  set_parameter(loss, 0, {1, 0, 0, 1, -1, -1});
  set_parameter(loss, 1, {0, 0.5, 0});
  // raw (1, 2): scores 1, 2.5, -3
  const auto batch = one_item({1, 2}, 0);
  const double sum = std::exp(1.0) + std::exp(2.5) + std::exp(-3.0);
  EXPECT_NEAR(value_of(loss, batch), std::log(sum) - 1.0, 1e-12);
}

TEST(CrossEntropy, SmoothingMixesInTheMeanOfAllClasses) {
  CrossEntropyOptions options;
  options.label_smoothing = 0.3;
  CrossEntropy smooth(options, plane(3));
  set_parameter(smooth, 0, {1, 0, 0, 1, -1, -1});
  set_parameter(smooth, 1, {0, 0.5, 0});
  const double log_sum = std::log(std::exp(1.0) + std::exp(2.5) + std::exp(-3.0));
  const double mean = ((log_sum - 1.0) + (log_sum - 2.5) + (log_sum + 3.0)) / 3;
  EXPECT_NEAR(value_of(smooth, one_item({1, 2}, 0)), 0.7 * (log_sum - 1.0) + 0.3 * mean, 1e-12);
}

TEST(NormalizedSoftmax, HandWorkedValueIsBlindToLengths) {
  NormalizedSoftmaxOptions options;
  options.scale = 10;
  NormalizedSoftmax loss(options, plane(2));
  set_parameter(loss, 0, {3, 0, 0, 0.1});
  // z = (0.6, 0.8); cosines 0.6 and 0.8
  const double expected = std::log(1 + std::exp(10 * (0.8 - 0.6)));
  EXPECT_NEAR(value_of(loss, one_item({0.6, 0.8}, 0)), expected, 1e-12);
  EXPECT_NEAR(value_of(loss, one_item({60, 80}, 0)), expected, 1e-12);
}

TEST(NormalizedSoftmax, DefaultIsTheTemperatureOfThePeer) {
  EXPECT_DOUBLE_EQ(1 / NormalizedSoftmaxOptions().scale, 0.05);
}

TEST(MarginSoftmax, LabelFormIsTheDefinition) {
  const auto logits = random_batch(6, small_context(), 1).raw.detach() * 5;
  const auto margin = logits.select(1, 0) - 3;
  const auto labels = at::tensor({0, 1, 2, 3, 0, 1}, at::TensorOptions(at::kLong));
  const auto values = label_margin_softmax(logits, margin, labels);
  for (int64_t i = 0; i < 6; ++i) {
    const double own = std::exp(margin[i].item<double>());
    double sum = own;
    for (int64_t k = 0; k < 4; ++k)
      if (k != labels[i].item<int64_t>()) sum += std::exp(logits[i][k].item<double>());
    EXPECT_NEAR(values[i].item<double>(), -std::log(own / sum), 1e-10);
  }
}

TEST(MarginSoftmax, ExpectedFormIsExactWhereOneScoreOutweighsAll) {
  // In float, 1 - p of the largest class is 0 here; the loss of that class with its margin is not.
  const auto logits = at::tensor({60.0f, 10.0f, 0.0f}).view({1, 3});
  const auto margin = at::tensor({5.0f, 10.0f, 0.0f}).view({1, 3});
  const auto soft = at::tensor({1.0f, 0.0f, 0.0f}).view({1, 3});
  const double expected = std::log(1 + (std::exp(10.0) + 1) / std::exp(5.0));
  EXPECT_NEAR(expected_margin_softmax(logits, margin, soft).item<double>(), expected, 1e-5);
}

TEST(MarginSoftmax, OneClassCostsNothing) {
  const auto logits = at::full({2, 1}, 3.0, at::kDouble).requires_grad_(true);
  const auto loss = expected_margin_softmax(logits, logits - 1, at::ones({2, 1}, at::kDouble));
  EXPECT_EQ(loss.abs().max().item<double>(), 0.0);
  EXPECT_EQ(gradient(loss.sum(), logits).abs().max().item<double>(), 0.0);
}

}  // namespace
}  // namespace winnow::test
