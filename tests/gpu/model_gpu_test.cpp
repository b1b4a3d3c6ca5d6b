// Compiled everywhere, run where there is a GPU: with WINNOW_REQUIRE_GPU=1 a missing GPU fails instead of skipping.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "src/models/model.h"
#include "src/tensor/device.h"

namespace winnow {
namespace {

class Gpu : public ::testing::Test {
 protected:
  void SetUp() override {
    if (cuda_device_count() > 0) return;
    if (std::getenv("WINNOW_REQUIRE_GPU")) FAIL() << "WINNOW_REQUIRE_GPU is set and LibTorch sees no GPU";
    GTEST_SKIP() << "no GPU here";
  }
};

TEST_F(Gpu, EmbeddingsAgreeWithTheCpu) {
  Preprocessing preprocessing;
  preprocessing.size = 64;
  auto model = make_model({}, preprocessing, 3);
  model->train(false);
  const auto x = at::randn({4, 3, 64, 64});
  const at::NoGradGuard no_grad;
  const auto on_cpu = model->forward(x);
  model->to("cuda:0");
  const auto on_gpu = model->forward(x.to(at::Device("cuda:0"))).cpu();
  EXPECT_TRUE(at::allclose(on_cpu, on_gpu, 1e-3, 1e-3)) << (on_cpu - on_gpu).abs().max();
}

TEST_F(Gpu, AutoChoosesTheGpu) { EXPECT_EQ(resolve_device("auto"), "cuda:0"); }

}  // namespace
}  // namespace winnow
