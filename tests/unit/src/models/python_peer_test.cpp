#include <cstdlib>
#include <map>
#include <memory>

#include "src/core/files.h"
#include "src/models/safetensors.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/src/models/model_support.h"

namespace winnow {
namespace {

struct PeerNetwork {
  const char *name, *backbone, *head, *pool, *stem;
};
// The same list stands in peer.py.
constexpr PeerNetwork kNetworks[] = {
    {"resnet18", "resnet18", "linear", "avg", "standard"},
    {"resnet50", "resnet50", "none", "avg", "standard"},
    {"resnet18_small_gem", "resnet18", "linear_bn", "gem", "small"},
    {"resnet34_early_max", "resnet34", "bn", "max", "early"},
    {"small_cnn", "small_cnn", "linear", "avg", "standard"},
};
constexpr int kSide = 32;

at::Tensor pictures() { return test::sample_pictures(6, kSide); }

std::unique_ptr<EmbeddingModel> make(const PeerNetwork& network) {
  return make_model(test::model_options(network.backbone, network.head, network.pool, network.stem),
                    test::preprocessing_of(kSide), 3);
}

/// One run of Python for all tests: it costs seconds. Empty result: it went well.
std::string exchange(const fs::path& folder) {
  write_safetensors(folder / "pictures.safetensors", {{"pictures", pictures()}});
  for (const auto& network : kNetworks) {
    auto model = make(network);
    test::fill_by_formula(*model);
    write_safetensors(folder / (std::string(network.name) + ".winnow"), model->state());
  }
  const std::string command =
      std::string("'" WINNOW_PYTHON "' '" WINNOW_SOURCE_DIR "/tests/unit/src/models/peer.py' ") + "exchange '" +
      folder.string() + "' > '" + (folder / "log").string() + "' 2>&1";
  return std::system(command.c_str()) == 0 ? "" : read_file(folder / "log");
}

class PythonPeer : public ::testing::TestWithParam<PeerNetwork> {
 protected:
  static void SetUpTestSuite() {
    if (!fs::exists(WINNOW_PYTHON)) return;
    folder_ = std::make_unique<test::TempDir>();
    failure_ = exchange(folder_->path());
  }
  static void TearDownTestSuite() { folder_.reset(); }
  void SetUp() override {
    if (!folder_) GTEST_SKIP() << "needs the Python of WINNOW_PYTHON with torch ('" WINNOW_PYTHON "'), absent here";
    ASSERT_EQ(failure_, "");
  }
  fs::path file(const std::string& suffix) const { return *folder_ / (std::string(GetParam().name) + suffix); }
  at::Tensor vectors(const std::string& suffix) const { return read_safetensors(file(suffix)).front().second; }

  static std::unique_ptr<test::TempDir> folder_;
  static std::string failure_;
};
std::unique_ptr<test::TempDir> PythonPeer::folder_;
std::string PythonPeer::failure_;

/// 1e-4 of the largest value, or of 1.
double tolerance(const at::Tensor& vectors) { return 1e-4 * std::max(1.0, vectors.abs().max().item<double>()); }

TEST_P(PythonPeer, WeightsFromPythonEmbedAsInPython) {
  auto model = make(GetParam());
  EXPECT_EQ(diff_weights(file(".safetensors"), *model), std::vector<std::string>{});
  load_weights(file(".safetensors"), *model);
  model->train(false);
  const auto expected = vectors(".vectors");
  EXPECT_LT(test::distance(model->forward(pictures()), expected), tolerance(expected));
  EXPECT_LT(test::distance(model->fused()->forward(pictures()), expected), tolerance(expected));
}

TEST_P(PythonPeer, PythonLoadsWeightsFromWinnowStrictlyAndEmbedsTheSame) {
  auto model = make(GetParam());
  test::fill_by_formula(*model);
  model->train(false);
  const auto expected = vectors(".winnow_vectors");
  EXPECT_GT(expected.abs().max().item<float>(), 0.01F);
  EXPECT_LT(test::distance(model->forward(pictures()), expected), tolerance(expected));
}

TEST_P(PythonPeer, OneTrainingStepHasPythonsGradientsAndStatistics) {
  auto model = make(GetParam());
  load_weights(file(".safetensors"), *model);
  model->forward(pictures()).pow(2).mean().backward();
  std::map<std::string, at::Tensor> here;
  for (auto& [name, tensor] : model->parameters()) here[name] = tensor.grad();
  for (auto& [name, tensor] : model->state())
    if (name == "bn1.running_var") here["running"] = tensor;
  const auto file_content = read_safetensors(file(".gradients"));
  const std::map<std::string, at::Tensor> reference(file_content.begin(), file_content.end());
  int compared = 0;
  for (const auto& [name, expected] : reference) {
    if (name.rfind("error of ", 0) == 0) continue;
    ASSERT_TRUE(here.count(name)) << name;
    const double scale = expected.abs().max().item<double>();
    ASSERT_GT(scale, 0.0) << name;
    // The reference is in double precision; we may be as far from it as a few times PyTorch's own float32. A value that
    // rounds to the other side of a ReLU's kink moves a gradient by some thousandths.
    const auto error = reference.find("error of " + name);
    const double allowed = error == reference.end() ? 0.0 : 4.0 * error->second.item<double>();
    EXPECT_LT(test::distance(here[name], expected), allowed + 5e-3 * scale) << name << ", scale " << scale;
    ++compared;
  }
  EXPECT_GE(compared, 4);
}

INSTANTIATE_TEST_SUITE_P(Networks, PythonPeer, ::testing::ValuesIn(kNetworks),
                         [](const auto& made) { return std::string(made.param.name); });

}  // namespace
}  // namespace winnow
