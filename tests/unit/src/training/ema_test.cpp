#include "src/training/ema.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

namespace winnow {
namespace {

std::unique_ptr<EmbeddingModel> small_model() {
  ModelOptions options;
  options.backbone = "small_cnn";
  options.dim = 4;
  Preprocessing preprocessing;
  preprocessing.size = 24;
  return make_model(options, preprocessing, 3);
}

at::Tensor tensor_named(EmbeddingModel& model, const std::string& name) {
  for (const auto& [key, tensor] : model.state())
    if (key == name) return tensor;
  return {};
}

TEST(WeightEma, FollowsTheUpdateRule) {
  const auto model = small_model();
  WeightEma ema(*model, 0.9);
  const auto weight = tensor_named(*model, "embedding.weight"), variance = tensor_named(*model, "bn1.running_var");
  const auto start = weight.detach().clone();
  ASSERT_TRUE(weight.defined() && variance.defined());
  {
    const at::NoGradGuard no_grad;
    weight.add_(1.0);
    variance.fill_(3.0);
  }
  ema.update();  // decay min(0.9, 1/10)
  const auto average = tensor_named(ema.model(), "embedding.weight");
  EXPECT_TRUE(at::allclose(average, start + 0.9, 1e-5, 1e-6));
  EXPECT_NEAR(tensor_named(ema.model(), "bn1.running_var")[0].item<double>(), 0.1 * 1.0 + 0.9 * 3.0, 1e-5);
  ema.update();  // decay 2/11
  EXPECT_TRUE(at::allclose(average, start + (1 - 0.1 * 2.0 / 11.0), 1e-5, 1e-6));
  EXPECT_FALSE(ema.model().is_training());
}

TEST(WeightEma, StateRoundTrips) {
  const auto model = small_model();
  WeightEma first(*model, 0.99);
  {
    const at::NoGradGuard no_grad;
    for (auto& [name, parameter] : model->parameters()) parameter.mul_(1.5);
  }
  first.update();
  NamedTensors saved;
  for (const auto& [name, tensor] : first.state()) saved.emplace_back(name, tensor.clone());
  WeightEma second(*model, 0.99);
  second.load_state(saved);
  first.update();
  second.update();
  for (size_t i = 0; i < saved.size(); ++i)
    EXPECT_TRUE(at::equal(first.state()[i].second, second.state()[i].second)) << saved[i].first;
}

}  // namespace
}  // namespace winnow
