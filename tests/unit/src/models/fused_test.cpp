#include <ATen/Context.h>
#include <ATen/autocast_mode.h>
#include <ATen/ops/randn.h>
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>

#include <thread>

#include "src/models/fused_conv.h"
#include "tests/unit/src/models/model_support.h"

namespace winnow {
namespace {

using test::distance;
using test::sample_pictures;

std::unique_ptr<EmbeddingModel> filled(const ModelOptions& options, int size) {
  auto model = make_model(options, test::preprocessing_of(size), 1);
  test::fill_by_formula(*model);
  model->train(false);
  return model;
}

/// Relative to the largest value.
double relative(const at::Tensor& a, const at::Tensor& b) {
  return distance(a, b) / std::max(1.0, b.abs().max().item<double>());
}

TEST(Fused, EqualsTheNetworkForEveryBackboneHeadAndPool) {
  const struct {
    const char *backbone, *head, *pool, *stem;
  } cases[] = {{"resnet18", "linear", "avg", "standard"},
               {"resnet18", "linear_bn", "gem", "early"},
               {"resnet50", "bn", "max", "early"},
               {"small_cnn", "none", "gem", "small"},
               {"mlp", "linear", "avg", "standard"}};
  for (const auto& c : cases) {
    auto model = filled(test::model_options(c.backbone, c.head, c.pool, c.stem), 24);
    auto fused = model->fused();
    EXPECT_EQ(fused->dim(), model->dim());
    EXPECT_EQ(fused->forward_flops(), model->forward_flops());
    EXPECT_LT(relative(fused->forward(sample_pictures(2, 24)), model->forward(sample_pictures(2, 24))), 1e-4)
        << c.backbone;
    EXPECT_LT(relative(fused->feature_map(sample_pictures(1, 24)), model->feature_map(sample_pictures(1, 24))), 1e-4);
  }
}

TEST(Fused, OtherSizesAndSplitBatchesGiveTheSameRows) {
  auto model = filled(test::model_options("small_cnn"), 32);
  auto fused = model->fused();
  // 450 x 450 pixels is over the size of a piece, so every picture is its own; 100 x 130 is cut as 15 + 5.
  for (const auto& [batch, side] : {std::pair<int64_t, int64_t>{3, 450}, {20, 115}, {1, 17}})
    EXPECT_LT(relative(fused->forward(sample_pictures(batch, side)), model->forward(sample_pictures(batch, side))),
              1e-4)
        << batch << " x " << side;
  const auto floats = sample_pictures(20, 115).permute({0, 3, 1, 2}).to(at::kFloat).div(255.0);
  EXPECT_LT(relative(fused->forward(floats), model->forward(floats)), 1e-4);
}

// The fallback of machines without oneDNN.
TEST(FusedConv, PlainOperatorsGiveTheSameAsPackedOnes) {
  const Initializer init("he", 5);
  ConvBn layer{Conv("conv", 16, 32, 3, 2, init), BatchNorm("bn", 32), false};
  layer.bn.running_mean.normal_(0.0, 0.5);
  layer.bn.running_var.uniform_(0.5, 2.0);
  const auto x = at::randn({2, 16, 13, 13}).contiguous(at::MemoryFormat::ChannelsLast);
  const auto sum = at::randn({2, 32, 7, 7}).contiguous(at::MemoryFormat::ChannelsLast);
  const c10::InferenceMode guard;
  const auto unfused = layer.forward(x, false);
  const FusedConv plain(layer);
  FusedConv packed(layer);
  packed.pack({2, 16, 13, 13});
  ASSERT_FALSE(plain.packed.defined());
  EXPECT_EQ(packed.packed.defined(), at::globalContext().hasMKLDNN());
  for (const FusedConv* conv : {&plain, static_cast<const FusedConv*>(&packed)}) {
    EXPECT_LT(distance(conv->forward(x, false), unfused), 1e-5);
    EXPECT_LT(distance(conv->forward(x, true), unfused.relu()), 1e-5);
    EXPECT_LT(distance(conv->forward_add_relu(x, sum.clone()), unfused.add(sum).relu()), 1e-5);
  }
}

TEST(Fused, IsAFrozenCopy) {
  auto model = filled(test::model_options("small_cnn", "linear_bn", "gem"), 32);
  auto fused = model->fused();
  const auto before = fused->forward(sample_pictures(2, 32));
  {
    const c10::NoGradGuard no_grad;
    for (auto& [name, tensor] : model->state()) tensor.zero_();
  }
  EXPECT_EQ(distance(fused->forward(sample_pictures(2, 32)), before), 0.0);
  EXPECT_EQ(distance(fused->clone()->forward(sample_pictures(2, 32)), before), 0.0);
  EXPECT_EQ(distance(fused->fused()->forward(sample_pictures(2, 32)), before), 0.0);
  EXPECT_TRUE(fused->parameters().empty());
  EXPECT_FALSE(before.requires_grad());
  EXPECT_EQ(test::code_of([&] { fused->train(true); }), ErrorCode::kInternal);
  fused->train(false);
  fused->to("cpu");
  EXPECT_EQ(distance(fused->forward(sample_pictures(2, 32)), before), 0.0);
}

TEST(Fused, HasNoBatchNormLeftInTheBackbone) {
  auto fused = filled(test::model_options("small_cnn"), 32)->fused();
  for (const auto& [name, tensor] : fused->state()) {
    EXPECT_EQ(name.find("bn"), std::string::npos) << name;
    EXPECT_EQ(name.find("running"), std::string::npos) << name;
  }
}

TEST(Fused, ConcurrentForwardsAgree) {
  auto fused = filled(test::model_options("small_cnn"), 32)->fused();
  const auto expected = fused->forward(sample_pictures(2, 32));
  std::vector<double> error(4, 1.0);
  std::vector<std::thread> threads;
  for (auto& slot : error)
    threads.emplace_back([&] { slot = distance(fused->forward(sample_pictures(2, 32)), expected); });
  for (auto& thread : threads) thread.join();
  for (const double e : error) EXPECT_LT(e, 1e-5);
}

TEST(Autocast, NetworkAnswersInFloatNearTheFullPrecision) {
  auto model = filled(test::model_options("small_cnn", "linear", "gem"), 32);
  const auto exact = model->forward(sample_pictures(2, 32)).detach();
  at::autocast::set_autocast_enabled(at::kCPU, true);
  at::autocast::set_autocast_dtype(at::kCPU, at::kBFloat16);
  const auto half = model->forward(sample_pictures(2, 32));
  half.sum().backward();
  at::autocast::set_autocast_enabled(at::kCPU, false);
  at::autocast::clear_cache();
  EXPECT_EQ(half.scalar_type(), at::kFloat);
  EXPECT_GT(distance(half, exact), 1e-6);  // it did run in bfloat16
  EXPECT_LT(relative(half, exact), 0.1);
  for (const auto& [name, tensor] : model->parameters()) EXPECT_EQ(tensor.grad().scalar_type(), at::kFloat) << name;
}

}  // namespace
}  // namespace winnow
