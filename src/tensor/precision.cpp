#include <ATen/ops/conv2d.h>
#include <ATen/ops/convolution_backward.h>
#include <ATen/ops/full.h>
#include <ATen/ops/mm.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <tuple>

#include "src/core/error.h"
#include "src/tensor/device.h"

namespace winnow {
namespace {

constexpr double kNeededGain = 1.2;
constexpr int kMinRounds = 2, kMaxRounds = 8;
constexpr std::chrono::milliseconds kBudget{80};
constexpr double kKernelSetUp = 0.05;  // seconds

/// A 3x3 convolution (forward and both gradients) as in the second stage of a ResNet, and a square product.
struct Workload {
  static constexpr int64_t kBatch = 8, kChannels = 64, kSide = 28, kSquare = 512;
  at::Tensor images, kernel, square;

  Workload(at::ScalarType type, const at::Device& device) {
    const auto options = at::TensorOptions(at::kFloat).device(device);
    const auto make = [&](at::IntArrayRef shape) { return at::full(shape, 0.01, options).to(type); };
    images = make({kBatch, kChannels, kSide, kSide}).contiguous(at::MemoryFormat::ChannelsLast);
    kernel = make({kChannels, kChannels, 3, 3}).contiguous(at::MemoryFormat::ChannelsLast);
    square = make({kSquare, kSquare});
  }

  static double flops() {
    const double convolution = 2.0 * kBatch * kSide * kSide * kChannels * kChannels * 9;
    return 3.0 * convolution + 2.0 * kSquare * kSquare * kSquare;
  }

  void run() const {
    const auto out = at::conv2d(images, kernel, {}, 1, 1);
    const auto gradients = at::convolution_backward(out, images, kernel, at::OptionalIntArrayRef(), {1, 1}, {1, 1},
                                                    {1, 1}, false, {0, 0}, 1, {true, true, false});
    const auto product = at::mm(square, square);
    // Reading a value waits for an asynchronous device.
    (void)product.flatten()[0].to(at::kFloat).item<float>();
    (void)std::get<0>(gradients).flatten()[0].to(at::kFloat).item<float>();
  }
};

double seconds_of(const Workload& work) {
  const auto start = std::chrono::steady_clock::now();
  work.run();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

struct Timing {
  double fp32 = std::numeric_limits<double>::infinity(), bf16 = fp32;
};

/// Best times of both, taken in turns so that a busy machine slows both alike.
Timing measure(const Workload& fp32, const Workload& bf16) {
  Timing best;
  (void)seconds_of(fp32);  // sets the kernels up
  best.fp32 = seconds_of(fp32);
  const double first = seconds_of(bf16);
  // A CPU without bf16 instructions is ten times slower: one run of that is enough.
  if (first > 3.0 * best.fp32 + kKernelSetUp) {
    best.bf16 = first;
    return best;
  }
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < kMaxRounds && (i < kMinRounds || std::chrono::steady_clock::now() - start < kBudget); ++i) {
    best.fp32 = std::min(best.fp32, seconds_of(fp32));
    best.bf16 = std::min(best.bf16, seconds_of(bf16));
  }
  return best;
}

}  // namespace

PrecisionProbe probe_precision(const std::string& wanted, const std::string& device) {
  if (wanted != "auto" && wanted != "fp32" && wanted != "bf16")
    throw Error(ErrorCode::kConfig, "[precision] must be auto, fp32 or bf16, got '" + wanted + "'");
  const c10::NoGradGuard no_grad;
  const at::Device place(resolve_device(device));
  PrecisionProbe probe;
  const Timing best = measure(Workload(at::kFloat, place), Workload(at::kBFloat16, place));
  probe.fp32_gflops = Workload::flops() / best.fp32 * 1e-9;
  probe.bf16_gflops = Workload::flops() / best.bf16 * 1e-9;
  probe.bf16_wins = probe.bf16_gflops >= kNeededGain * probe.fp32_gflops;
  probe.chosen = wanted != "auto" ? wanted : probe.bf16_wins ? "bf16" : "fp32";
  return probe;
}

}  // namespace winnow
