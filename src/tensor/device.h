#pragma once

#include <ATen/core/Tensor.h>

#include <string>

namespace winnow {

/// "auto" -> "cuda:0" where a GPU is usable, else "cpu"; checks "cuda:N" exists ("cuda" is cuda:0).
/// @throws Error(kDevice) saying what this machine and LibTorch offer
std::string resolve_device(const std::string& wanted);

/// Sets Torch's intra-op threads (and inter-op to 1) to thread_count(), flush-denormal on, and glibc's allocator to
/// keep up to 512 MB of freed memory for the next layer. Call once at start, from the main thread and before any other
/// Torch call.
void init_torch_threads();
/// Seeds Torch's global generators.
void seed_torch(uint64_t seed);

/// What the two precisions reach on this machine now; a timing, so it may differ between runs: a resumed training
/// keeps the precision it started with.
struct PrecisionProbe {
  double fp32_gflops = 0, bf16_gflops = 0;  ///< convolution forward + backward and a matrix product together
  bool bf16_wins = false;                   ///< >= 1.2 x
  std::string chosen;                       ///< "fp32" or "bf16"
};
/// Times a small product and convolution in both precisions (about 0.1 s).
/// @param wanted "auto" | "fp32" | "bf16" @throws Error(kConfig | kDevice)
PrecisionProbe probe_precision(const std::string& wanted, const std::string& device);

/// "MKL", "OpenBLAS", ... and "AVX512", as Torch reports them.
std::string torch_blas_name();
std::string torch_cpu_capability();
std::string torch_version();
bool cuda_compiled();
int cuda_device_count();

/// uint8 [B, H, W, 3] tensor over memory that the caller keeps alive. @throws Error(kShape)
at::Tensor wrap_nhwc(uint8_t* pixels, int64_t batch, int64_t height, int64_t width);

}  // namespace winnow
