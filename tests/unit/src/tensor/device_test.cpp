#include "src/tensor/device.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/ops/full.h>
#include <ATen/ops/rand.h>
#include <gtest/gtest.h>

#include <array>

#include "src/core/error.h"
#include "src/core/parallel.h"

namespace winnow {
namespace {

ErrorCode code_of(const std::function<void()>& action, std::string* message = nullptr) {
  try {
    action();
  } catch (const Error& error) {
    if (message) *message = error.what();
    return error.code();
  }
  ADD_FAILURE() << "no winnow::Error was thrown";
  return ErrorCode::kInternal;
}

TEST(ResolveDevice, AutoIsTheCpuWithoutAGpu) {
  EXPECT_EQ(resolve_device("cpu"), "cpu");
  EXPECT_EQ(resolve_device("auto"), cuda_device_count() > 0 ? "cuda:0" : "cpu");
}

TEST(ResolveDevice, RefusesWhatDoesNotExistAndSaysWhatDoes) {
  std::string message;
  EXPECT_EQ(code_of([] { resolve_device("cuda:97"); }, &message), ErrorCode::kDevice);
  EXPECT_NE(message.find("cuda:97"), std::string::npos) << message;
  EXPECT_NE(message.find("device=auto"), std::string::npos) << message;
  for (const char* wrong : {"", "gpu", "cuda:", "cuda:-1", "cuda:1x", "CPU", "cuda:99999999999999999999"})
    EXPECT_EQ(code_of([&] { resolve_device(wrong); }), ErrorCode::kDevice) << wrong;
}

TEST(TorchThreads, FollowTheOneSettingAndFlushDenormals) {
  set_thread_count(2);
  init_torch_threads();
  init_torch_threads();  // a second call must not throw
  EXPECT_EQ(at::get_num_threads(), 2);
  EXPECT_EQ(at::get_num_interop_threads(), 1);
  // 1e-30 * 1e-10 is below the smallest normal float; enough elements that every pool thread takes part.
  const auto tiny = at::full({1 << 20}, 1e-30, at::TensorOptions(at::kFloat)).mul_(1e-10);
  EXPECT_EQ(tiny.count_nonzero().item<int64_t>(), 0);
}

TEST(SeedTorch, SameSeedSameNumbers) {
  const auto draw = [](uint64_t seed) {
    seed_torch(seed);
    return at::rand({8});
  };
  EXPECT_TRUE(draw(5).equal(draw(5)));
  EXPECT_FALSE(draw(5).equal(draw(6)));
}

TEST(ProbePrecision, MeasuresBothAndObeysAWish) {
  const auto probe = probe_precision("auto", "cpu");
  EXPECT_GT(probe.fp32_gflops, 0.1);
  EXPECT_GT(probe.bf16_gflops, 0.01);
  EXPECT_EQ(probe.bf16_wins, probe.bf16_gflops >= 1.2 * probe.fp32_gflops);
  EXPECT_EQ(probe.chosen, probe.bf16_wins ? "bf16" : "fp32");
  EXPECT_EQ(probe_precision("bf16", "cpu").chosen, "bf16");
  EXPECT_EQ(probe_precision("fp32", "cpu").chosen, "fp32");
  EXPECT_EQ(code_of([] { probe_precision("fp16", "cpu"); }), ErrorCode::kConfig);
  RecordProperty("fp32_gflops", std::to_string(probe.fp32_gflops));
  RecordProperty("bf16_gflops", std::to_string(probe.bf16_gflops));
  std::printf("fp32 %.0f GFLOP/s, bf16 %.0f GFLOP/s\n", probe.fp32_gflops, probe.bf16_gflops);
}

TEST(TorchNames, AreFilled) {
  EXPECT_FALSE(torch_blas_name().empty());
  EXPECT_NE(torch_blas_name(), "unknown");
  EXPECT_FALSE(torch_cpu_capability().empty());
  EXPECT_EQ(torch_version().substr(0, 2), "2.");
}

TEST(WrapNhwc, SharesTheMemory) {
  std::array<uint8_t, 2 * 1 * 2 * 3> pixels{};
  const auto tensor = wrap_nhwc(pixels.data(), 2, 1, 2);
  EXPECT_EQ(tensor.sizes(), (at::IntArrayRef{2, 1, 2, 3}));
  EXPECT_EQ(tensor.scalar_type(), at::kByte);
  pixels[11] = 200;
  EXPECT_EQ(tensor[1][0][1][2].item<int>(), 200);
  EXPECT_EQ(code_of([] { wrap_nhwc(nullptr, 1, 2, 2); }), ErrorCode::kShape);
  EXPECT_EQ(code_of([&] { wrap_nhwc(pixels.data(), 1, 0, 2); }), ErrorCode::kShape);
}

}  // namespace
}  // namespace winnow
