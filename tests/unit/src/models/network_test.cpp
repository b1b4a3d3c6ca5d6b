#include <ATen/Context.h>
#include <ATen/ops/randn.h>
#include <c10/core/GradMode.h>

#include <set>
#include <thread>

#include "src/tensor/device.h"
#include "tests/unit/src/models/model_support.h"

namespace winnow {
namespace {

using test::code_of;
using test::distance;
using test::model_options;
using test::preprocessing_of;
using test::sample_pictures;

int64_t count_of(const std::string& backbone, const std::string& head) {
  return make_model(model_options(backbone, head), preprocessing_of(64), 1)->parameter_count();
}

TEST(MakeModel, ParameterCountsAreThoseOfTorchvision) {
  // torchvision's totals (11,689,512; 21,797,672; 25,557,032; 44,549,160) without the 1000-way classifier.
  EXPECT_EQ(count_of("resnet18", "none"), 11689512 - 513 * 1000);
  EXPECT_EQ(count_of("resnet34", "none"), 21797672 - 513 * 1000);
  EXPECT_EQ(count_of("resnet50", "none"), 25557032 - 2049 * 1000);
  EXPECT_EQ(count_of("resnet101", "none"), 44549160 - 2049 * 1000);
  EXPECT_EQ(count_of("resnet18", "linear"), 11689512 - 513 * 1000 + 513 * 128);
  EXPECT_EQ(count_of("resnet18", "linear_bn"), 11689512 - 513 * 1000 + 512 * 128 + 256);
  EXPECT_EQ(count_of("resnet18", "bn"), 11689512 - 513 * 1000 + 1024);
}

TEST(MakeModel, UnknownBackboneAndImpossibleOptionsAreConfigErrors) {
  std::string message;
  EXPECT_EQ(code_of([] { make_model(model_options("resnet81"), preprocessing_of(64), 1); }, &message),
            ErrorCode::kConfig);
  EXPECT_NE(message.find("did you mean 'resnet18'"), std::string::npos) << message;
  auto dropout = model_options("small_cnn", "none");
  dropout.dropout = 0.5;
  EXPECT_EQ(code_of([&] { make_model(dropout, preprocessing_of(64), 1); }), ErrorCode::kConfig);
  auto zero_std = preprocessing_of(64);
  zero_std.std[1] = 0.0;
  EXPECT_EQ(code_of([&] { make_model(model_options("small_cnn"), zero_std, 1); }), ErrorCode::kConfig);
}

TEST(MakeModel, SeedDecidesTheWeightsAndTheHeadDoesNotMoveTheBackbone) {
  const auto stem = [](const std::string& head, uint64_t seed) {
    return make_model(model_options("small_cnn", head), preprocessing_of(32), seed)->state().front().second;
  };
  EXPECT_TRUE(stem("linear", 3).equal(stem("linear", 3)));
  EXPECT_TRUE(stem("linear", 3).equal(stem("none", 3)));
  EXPECT_FALSE(stem("linear", 3).equal(stem("linear", 4)));
}

TEST(MakeModel, InitialisationHasTheSpreadOfThePapers) {
  const auto moments = [](const std::string& init, const std::string& key) {
    auto options = model_options("resnet18");
    options.init = init;
    for (auto& [name, tensor] : make_model(options, preprocessing_of(64), 11)->state())
      if (name == key) return std::pair{tensor.std().item<double>(), tensor.abs().max().item<double>()};
    return std::pair{-1.0, -1.0};
  };
  // layer2.0.conv1 is [128, 64, 3, 3]: fan-out 1152, fan-in 576. Its 73,728 draws fix the spread to 1 %.
  const auto [he, he_max] = moments("he", "layer2.0.conv1.weight");
  EXPECT_NEAR(he, std::sqrt(2.0 / 1152), 0.01 * he);
  EXPECT_GT(he_max, 3.5 * he);  // normal, not uniform
  const auto [xavier, xavier_max] = moments("xavier", "layer2.0.conv1.weight");
  EXPECT_NEAR(xavier_max, std::sqrt(6.0 / 1728), 0.01 * xavier_max);
  EXPECT_NEAR(xavier, xavier_max / std::sqrt(3.0), 0.01 * xavier);
  // nn.Linear(512, 128): weight and bias uniform in +-1/sqrt(512).
  EXPECT_NEAR(moments("he", "embedding.weight").second, 1.0 / std::sqrt(512.0), 1e-4);
  EXPECT_NEAR(moments("he", "embedding.bias").second, 1.0 / std::sqrt(512.0), 2e-3);
  EXPECT_NEAR(moments("xavier", "embedding.weight").second, std::sqrt(6.0 / 640), 1e-3);
  EXPECT_EQ(moments("xavier", "embedding.bias").second, 0.0);
  EXPECT_EQ(moments("he", "layer1.0.bn1.weight").second, 1.0);
  EXPECT_EQ(moments("he", "layer1.0.bn1.bias").second, 0.0);
}

TEST(Network, FlopsOfKnownNetworks) {
  const auto gflops = [](const std::string& backbone, const std::string& stem, int size) {
    const auto options = model_options(backbone, "none", "avg", stem);
    return make_model(options, preprocessing_of(size), 1)->forward_flops() * 1e-9;
  };
  // Multiply-adds of the convolutions by hand: stem 118,013,952, stage 1 4 x 115,605,504,
  // stages 2-4 each 57,802,752 + 6,422,528 + 3 x 115,605,504.
  const double resnet18 = 118013952.0 + 4 * 115605504.0 + 3 * (57802752.0 + 6422528.0 + 3 * 115605504.0);
  EXPECT_DOUBLE_EQ(gflops("resnet18", "standard", 224), 2e-9 * resnet18);
  // 4.09 G multiply-adds is torchvision's figure for ResNet-50 with the classifier.
  EXPECT_NEAR(gflops("resnet50", "standard", 224), 2 * 4.087, 0.01);
  // CIFAR stem: stage 1 at full size, 0.5555 G multiply-adds at 32 x 32 (kuangliu's network).
  EXPECT_NEAR(gflops("resnet18", "small", 32), 2 * 0.5554, 0.001);
}

TEST(Network, StemsGiveTheFeatureMapsTheyPromise) {
  const auto side = [](const std::string& backbone, const std::string& stem) {
    auto model = make_model(model_options(backbone, "none", "avg", stem), preprocessing_of(64), 1);
    model->train(false);
    return model->feature_map(sample_pictures(1, 64)).size(3);
  };
  EXPECT_EQ(side("resnet18", "standard"), 2);
  EXPECT_EQ(side("resnet18", "early"), 4);
  EXPECT_EQ(side("resnet18", "small"), 8);
  EXPECT_EQ(side("small_cnn", "standard"), 4);
  EXPECT_EQ(side("small_cnn", "small"), 8);
  EXPECT_EQ(side("mlp", "standard"), 4);
}

TEST(Network, PixelsAndNormalisedFloatsGiveTheSameEmbedding) {
  auto model = make_model(model_options("small_cnn"), preprocessing_of(32), 2);
  model->train(false);
  const auto pictures = sample_pictures(3, 37);
  auto floats = pictures.to(at::kDouble).div(255.0).permute({0, 3, 1, 2}).clone();
  for (int64_t c = 0; c < 3; ++c)
    floats.select(1, c).sub_(model->preprocessing().mean[size_t(c)]).div_(model->preprocessing().std[size_t(c)]);
  const auto from_pixels = model->forward(pictures);
  EXPECT_EQ(from_pixels.sizes(), (at::IntArrayRef{3, 128}));
  EXPECT_LT(distance(from_pixels, model->forward(floats.to(at::kFloat).contiguous())), 1e-5);
  EXPECT_LT(distance(from_pixels.slice(0, 1, 2), model->forward(pictures.slice(0, 1, 2))), 1e-5);
}

TEST(Network, RefusesOtherShapesAndTypesAndNamesThem) {
  auto model = make_model(model_options("small_cnn"), preprocessing_of(32), 2);
  std::string message;
  EXPECT_EQ(code_of([&] { model->forward(sample_pictures(2, 8).permute({0, 3, 1, 2})); }, &message), ErrorCode::kShape);
  EXPECT_NE(message.find("[2, 3, 8, 8]"), std::string::npos) << message;
  EXPECT_EQ(code_of([&] { model->forward(at::Tensor()); }), ErrorCode::kShape);
  EXPECT_EQ(code_of([&] { model->forward(sample_pictures(2, 8).to(at::kFloat)); }), ErrorCode::kShape);
  EXPECT_EQ(code_of([&] { model->forward(sample_pictures(2, 8).to(at::kLong)); }), ErrorCode::kShape);
  EXPECT_EQ(code_of([&] { model->forward(sample_pictures(2, 8)[0]); }), ErrorCode::kShape);
  EXPECT_EQ(code_of([&] { model->forward(sample_pictures(2, 8).slice(0, 0, 0)); }), ErrorCode::kShape);
}

TEST(Network, TrainingReachesEveryParameterAndMovesTheRunningMeans) {
  for (const char* head : {"linear", "linear_bn", "bn", "none"}) {
    // The largest network once, the rest is about heads.
    const char* backbone = std::string(head) == "linear" ? "resnet18" : "small_cnn";
    // 64 pixels leave ResNet 2x2 features; over a single one GeM does not depend on p, and its gradient is rounding.
    auto model = make_model(model_options(backbone, head, "gem"), preprocessing_of(64), 5);
    ASSERT_TRUE(model->is_training());
    const auto embedding = model->forward(sample_pictures(4, 64));
    embedding.mul(at::randn(embedding.sizes())).sum().backward();
    for (auto& [name, tensor] : model->parameters()) {
      ASSERT_TRUE(tensor.requires_grad() && tensor.is_leaf()) << name;
      ASSERT_TRUE(tensor.grad().defined()) << head << ": " << name;
      EXPECT_GT(tensor.grad().abs().max().item<float>(), 0.0F) << head << ": " << name;
    }
    for (auto& [name, tensor] : model->state()) {
      if (name.find("running_mean") != std::string::npos) {
        EXPECT_GT(tensor.abs().max().item<float>(), 0.0F) << name;
      } else if (name.find("num_batches") != std::string::npos) {
        EXPECT_EQ(tensor.item<int64_t>(), 1) << name;
      }
    }
  }
}

TEST(Network, BatchNormOfOneValueIsAClearErrorInTraining) {
  auto model = make_model(model_options("small_cnn", "bn"), preprocessing_of(32), 5);
  std::string message;
  EXPECT_EQ(code_of([&] { model->forward(sample_pictures(1, 32)); }, &message), ErrorCode::kShape);
  EXPECT_NE(message.find("embedding"), std::string::npos) << message;
  model->train(false);
  EXPECT_EQ(model->forward(sample_pictures(1, 32)).size(1), model->dim());
}

TEST(Network, PoolingFollowsItsDefinition) {
  const auto pictures = sample_pictures(2, 32);
  const auto pooled = [&](const std::string& pool, double p) {
    auto options = model_options("small_cnn", "none", pool);
    options.gem_p = p;
    auto model = make_model(options, preprocessing_of(32), 9);
    model->train(false);
    return std::pair{model->forward(pictures), model->feature_map(pictures).to(at::kDouble)};
  };
  const auto [avg, map] = pooled("avg", 3.0);
  EXPECT_LT(distance(avg, map.flatten(2).mean(2)), 1e-5);
  EXPECT_LT(distance(pooled("max", 3.0).first, std::get<0>(map.flatten(2).max(2))), 1e-6);
  EXPECT_LT(distance(pooled("gem", 3.0).first, map.clamp(1e-6).pow(3.0).flatten(2).mean(2).pow(1.0 / 3.0)), 1e-5);
  EXPECT_LT(distance(pooled("gem", 1.0).first, avg), 1e-5);  // p = 1 is the mean
}

TEST(Network, FixedGemExponentIsNoParameter) {
  auto options = model_options("small_cnn", "none", "gem");
  options.gem_learn = false;
  auto model = make_model(options, preprocessing_of(32), 9);
  for (const auto& [name, tensor] : model->parameters()) EXPECT_NE(name, "pool.p");
  EXPECT_EQ(model->state().back().first, "pool.p");
}

TEST(Network, DropoutActsInTrainingOnly) {
  auto options = model_options("small_cnn");
  options.dropout = 0.5;
  auto model = make_model(options, preprocessing_of(32), 9);
  const auto pictures = sample_pictures(4, 32);
  EXPECT_GT(distance(model->forward(pictures), model->forward(pictures)), 1e-3);
  model->train(false);
  EXPECT_EQ(distance(model->forward(pictures), model->forward(pictures)), 0.0);
}

TEST(Network, CloneIsIndependentAndEqual) {
  auto model = make_model(model_options("small_cnn", "linear_bn", "gem"), preprocessing_of(32), 9);
  model->train(false);
  const auto before = model->forward(sample_pictures(2, 32));
  auto copy = model->clone();
  EXPECT_FALSE(copy->is_training());
  EXPECT_EQ(distance(copy->forward(sample_pictures(2, 32)), before), 0.0);
  {
    const c10::NoGradGuard no_grad;
    for (auto& [name, tensor] : copy->state()) tensor.zero_();
  }
  EXPECT_EQ(distance(model->forward(sample_pictures(2, 32)), before), 0.0);
  for (const auto& [name, tensor] : copy->parameters()) EXPECT_TRUE(tensor.requires_grad()) << name;
}

TEST(Network, MovingKeepsTheHandlesOfAnOptimizer) {
  auto model = make_model(model_options("small_cnn"), preprocessing_of(32), 9);
  auto held = model->parameters().front().second;
  model->to("cpu");
  EXPECT_TRUE(held.is_same(model->parameters().front().second));
  EXPECT_EQ(code_of([&] { model->to("cuda:55"); }), ErrorCode::kDevice);
}

TEST(Network, ConcurrentEvaluationGivesTheSameRows) {
  auto model = make_model(model_options("small_cnn"), preprocessing_of(32), 9);
  model->train(false);
  const auto expected = model->forward(sample_pictures(2, 32)).detach();
  std::vector<double> error(4, 1.0);
  std::vector<std::thread> threads;
  for (auto& slot : error)
    threads.emplace_back([&] { slot = distance(model->forward(sample_pictures(2, 32)), expected); });
  for (auto& thread : threads) thread.join();
  for (const double e : error) EXPECT_LT(e, 1e-5);
}

TEST(BackboneFamily, ListsEveryBackboneWithASummary) {
  const auto names = backbone_family().names();
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()),
            (std::set<std::string>{"resnet18", "resnet34", "resnet50", "resnet101", "small_cnn", "mlp"}));
  for (const auto& name : names) EXPECT_FALSE(backbone_family().summary(name).empty()) << name;
}

}  // namespace
}  // namespace winnow
