#include "src/tensor/device.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/ops/from_blob.h>
#include <malloc.h>
#include <torch/version.h>

#include <optional>

#include "src/core/error.h"
#include "src/core/parallel.h"
#include "src/core/text.h"

namespace winnow {
namespace {

std::string gpu_situation() {
  if (!cuda_compiled()) return "this LibTorch was built without CUDA";
  const int count = cuda_device_count();
  if (count == 0) return "LibTorch sees no CUDA device (driver missing, or CUDA_VISIBLE_DEVICES is empty)";
  return "this machine has " + std::to_string(count) + " CUDA device" + (count == 1 ? "" : "s");
}

/// Number after "cuda:"; "cuda" alone is device 0.
std::optional<int64_t> cuda_index(const std::string& name) {
  if (name == "cuda") return 0;
  if (name.rfind("cuda:", 0) != 0) return std::nullopt;
  const std::string digits = name.substr(5);
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  return parse_int(digits);
}

/// Activations of 1 to 32 MB come and go in every layer. glibc would map and unmap each, and the kernel would clear its
/// pages again: that costs 4 % of a training step and 15 % of a forward pass.
void keep_freed_memory() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 512 << 20);
#endif
}

}  // namespace

bool cuda_compiled() { return at::globalContext().hasCUDART(); }

int cuda_device_count() { return at::hasCUDA() ? static_cast<int>(at::getNumGPUs()) : 0; }

std::string resolve_device(const std::string& wanted) {
  if (wanted == "cpu") return "cpu";
  if (wanted == "auto") return cuda_device_count() > 0 ? "cuda:0" : "cpu";
  const auto index = cuda_index(wanted);
  if (!index) throw Error(ErrorCode::kDevice, "[device] must be auto, cpu or cuda:N, got '" + wanted + "'");
  if (*index >= cuda_device_count())
    throw Error(ErrorCode::kDevice,
                "[device] '" + wanted + "' is not usable: " + gpu_situation() + "; use device=cpu or device=auto");
  return "cuda:" + std::to_string(*index);
}

void init_torch_threads() {
  keep_freed_memory();
  at::set_num_threads(thread_count());
  // Torch refuses a second call; one pool task at a time is all that winnow needs between operators.
  static const bool once = [] {
    at::set_num_interop_threads(1);
    return true;
  }();
  (void)once;
  at::globalContext().setFlushDenormal(true);
  // The flag lives in each thread's control register, so the pool's threads set it themselves.
  at::parallel_for(0, at::get_num_threads(), 1, [](int64_t, int64_t) { at::globalContext().setFlushDenormal(true); });
}

void seed_torch(uint64_t seed) { at::manual_seed(seed); }

std::string torch_blas_name() {
  if (at::hasMKL()) return "MKL";
  const std::string config = at::show_config();
  const std::string key = "BLAS_INFO=";
  const size_t begin = config.find(key);
  if (begin == std::string::npos) return "unknown";
  const size_t end = config.find_first_of(", \n", begin);
  const std::string name = config.substr(begin + key.size(), end - begin - key.size());
  return name == "open" ? "OpenBLAS" : name;
}

std::string torch_cpu_capability() { return at::get_cpu_capability(); }

std::string torch_version() { return TORCH_VERSION; }

at::Tensor wrap_nhwc(uint8_t* pixels, int64_t batch, int64_t height, int64_t width) {
  if (batch < 0 || height < 1 || width < 1 || (batch > 0 && pixels == nullptr))
    throw Error(ErrorCode::kShape, "[wrap_nhwc] pixels must be [B, H, W, 3] with H, W >= 1, got [" +
                                       std::to_string(batch) + ", " + std::to_string(height) + ", " +
                                       std::to_string(width) + ", 3]");
  return at::from_blob(pixels, {batch, height, width, 3}, at::TensorOptions(at::kByte));
}

}  // namespace winnow
