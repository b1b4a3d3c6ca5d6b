#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>

#include "src/models/safetensors.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/src/models/model_support.h"

namespace winnow {
namespace {

using test::code_of;

class Weights : public ::testing::Test {
 protected:
  std::unique_ptr<EmbeddingModel> make(const std::string& backbone = "small_cnn", const std::string& head = "linear",
                                       uint64_t seed = 1) {
    return make_model(test::model_options(backbone, head), test::preprocessing_of(32), seed);
  }
  std::vector<std::string> diff(const NamedTensors& tensors, EmbeddingModel& model) {
    write_safetensors(file_, tensors);
    return diff_weights(file_, model);
  }
  /// Everything but keys with the prefix.
  static NamedTensors without(NamedTensors tensors, const std::string& prefix) {
    std::erase_if(tensors, [&](const auto& pair) { return pair.first.rfind(prefix, 0) == 0; });
    return tensors;
  }
  test::TempDir temp_;
  fs::path file_ = temp_ / "w.safetensors";
};

TEST_F(Weights, WholeStateLoadsAndGivesTheSameEmbedding) {
  auto from = make("small_cnn", "linear", 1), to = make("small_cnn", "linear", 2);
  EXPECT_TRUE(diff(from->state(), *to).empty());
  load_weights(file_, *to);
  from->train(false);
  to->train(false);
  EXPECT_EQ(test::distance(to->forward(test::sample_pictures(2, 32)), from->forward(test::sample_pictures(2, 32))),
            0.0);
}

TEST_F(Weights, BackboneAloneLoadsAndLeavesTheHead) {
  auto from = make("small_cnn", "none", 1), to = make("small_cnn", "linear", 2);
  const auto head = to->state().back().second.detach().clone();
  auto tensors = from->state();
  tensors.emplace_back("fc.weight", at::zeros({1000, 256}));  // torchvision's classifier
  EXPECT_EQ(diff(tensors, *to).size(), 2U);                   // the head's weight and bias, for information
  load_weights(file_, *to);
  EXPECT_TRUE(to->state().back().second.equal(head));
  EXPECT_TRUE(to->state().front().second.equal(from->state().front().second));
}

TEST_F(Weights, OldFilesLackTheCountersOfBatchNorm) {
  auto model = make();
  auto tensors = model->state();
  std::erase_if(tensors, [](const auto& pair) { return pair.first.find("num_batches") != std::string::npos; });
  EXPECT_TRUE(diff(tensors, *model).empty());
}

TEST_F(Weights, MissingKeysAreListedAndNothingChanges) {
  auto model = make();
  const auto before = model->state().front().second.detach().clone();
  auto tensors = without(make("small_cnn", "linear", 9)->state(), "conv3");
  const auto lines = diff(tensors, *model);
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0], "conv3.weight: missing, must be [128, 64, 3, 3]");
  std::string message;
  EXPECT_EQ(code_of([&] { load_weights(file_, *model); }, &message), ErrorCode::kData);
  EXPECT_NE(message.find(lines[0]), std::string::npos) << message;
  EXPECT_NE(message.find(file_.string()), std::string::npos) << message;
  EXPECT_TRUE(model->state().front().second.equal(before));
}

TEST_F(Weights, ShapeTypeAndExtraKeysAreListed) {
  auto model = make();
  auto tensors = model->state();
  for (auto& [name, tensor] : tensors) {
    if (name == "conv1.weight") tensor = at::zeros({32, 3, 5, 5});
    if (name == "bn2.bias") tensor = at::zeros({64}, at::TensorOptions(at::kLong));
    if (name == "bn3.bias") tensor = at::full({128}, std::nan(""), at::TensorOptions(at::kFloat));
  }
  tensors.emplace_back("layer9.weight", at::zeros({2}));
  const auto lines = diff(tensors, *model);
  EXPECT_EQ(lines, (std::vector<std::string>{"conv1.weight: must be [32, 3, 3, 3], got [32, 3, 5, 5]",
                                             "bn2.bias: must hold floating-point numbers, got Long",
                                             "bn3.bias: has values that are not finite",
                                             "layer9.weight: not part of this model, is [2]"}));
}

// Every key and shape of resnet18 stands in a file of resnet34 too.
TEST_F(Weights, ALargerNetworkOfTheSameFamilyIsNotTakenForTheSmaller) {
  auto small = make("resnet18", "none");
  write_safetensors(file_, make("resnet34", "none")->state());
  EXPECT_EQ(code_of([&] { load_weights(file_, *small); }), ErrorCode::kData);
}

TEST_F(Weights, OtherFloatTypesAreConverted) {
  auto model = make();
  auto tensors = model->state();
  for (auto& [name, tensor] : tensors)
    if (tensor.is_floating_point()) tensor = tensor.detach().to(at::kHalf);
  EXPECT_TRUE(diff(tensors, *model).empty());
  load_weights(file_, *model);
  EXPECT_EQ(model->state().front().second.scalar_type(), at::kFloat);
}

TEST_F(Weights, MakeModelStartsFromTheFileOfItsOptions) {
  auto from = make("small_cnn", "linear", 1);
  write_safetensors(file_, from->state());
  auto options = test::model_options("small_cnn");
  options.weights = file_.string();
  auto model = make_model(options, test::preprocessing_of(32), 99);
  EXPECT_TRUE(model->state().front().second.equal(from->state().front().second));
  options.weights = (temp_ / "absent").string();
  EXPECT_EQ(code_of([&] { make_model(options, test::preprocessing_of(32), 1); }), ErrorCode::kNotFound);
}

TEST_F(Weights, KeysAreTorchvisions) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : make("resnet50")->state()) names.push_back(name);
  EXPECT_EQ(std::vector<std::string>(names.begin(), names.begin() + 7),
            (std::vector<std::string>{"conv1.weight", "bn1.weight", "bn1.bias", "bn1.running_mean", "bn1.running_var",
                                      "bn1.num_batches_tracked", "layer1.0.conv1.weight"}));
  for (const char* name : {"layer1.0.downsample.0.weight", "layer1.0.downsample.1.running_var", "layer4.2.bn3.bias",
                           "layer3.5.conv2.weight", "embedding.weight", "embedding.bias"})
    EXPECT_NE(std::find(names.begin(), names.end(), name), names.end()) << name;
  EXPECT_EQ(names.size(), 320U - 2U + 2U);  // torchvision's state has 320 entries; fc's two are our head's
}

}  // namespace
}  // namespace winnow
