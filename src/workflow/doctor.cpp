#include "src/workflow/doctor.h"

#include <dlfcn.h>
#include <unistd.h>

#include <fstream>
#include <set>

#include "retrieval/index.h"
#include "src/core/error.h"
#include "src/core/parallel.h"
#include "src/core/tables.h"
#include "src/core/text.h"
#include "src/models/model.h"
#include "src/tensor/device.h"

namespace winnow {
namespace {

Finding openmp_finding() {
  const auto runtimes = loaded_openmp_runtimes();
  return {"OpenMP runtimes", runtimes.empty() ? "none" : join(runtimes, " AND "), runtimes.size() == 1,
          "exactly one libgomp may be loaded; build against the LibTorch that scripts/bootstrap.sh installs and unset "
          "LD_PRELOAD"};
}

Finding blas_finding() {
  const std::string library = library_of_symbol("sgemm_");
  return {"BLAS of FAISS", library + " (" + torch_blas_name() + ")", library.find("libtorch_cpu") != std::string::npos,
          "FAISS must find LibTorch's sgemm_ first: keep libtorch_cpu before OpenCV and OpenBLAS on the link line"};
}

Finding precision_finding() {
  const PrecisionProbe probe = probe_precision("auto", "cpu");
  return {"precision",
          probe.chosen + " (fp32 " + format_number(probe.fp32_gflops, 0) + " GFLOP/s, bf16 " +
              format_number(probe.bf16_gflops, 0) + ")",
          true, ""};
}

Finding gpu_finding() {
  const int count = cuda_device_count();
  if (!cuda_compiled()) return {"GPU", "this LibTorch is a CPU build", true, ""};
  return {"GPU", std::to_string(count) + " CUDA devices", true, ""};
}

Finding disk_finding() {
  const uint64_t free = free_disk_bytes(fs::current_path());
  return {"free disk here", format_bytes(free), free > (uint64_t{1} << 30),
          "free some disk space: runs and indexes need at least 1 GiB"};
}

// A model that goes to disk and back must give the vectors it gave before.
Finding golden_finding(const fs::path& given) {
  std::string name = (fs::temp_directory_path() / "winnow-doctor-XXXXXX").string();
  const bool own = given.empty();
  fs::path folder = given;
  Finding finding{"golden embeddings", "", true,
                  "weights, preprocessing or numerics differ from the machine that made the model; reinstall LibTorch "
                  "with scripts/bootstrap.sh"};
  try {
    if (own) {
      if (!mkdtemp(name.data()))
        throw Error(ErrorCode::kDevice, "[doctor] cannot make a folder in " + fs::temp_directory_path().string());
      folder = name;
      ModelOptions options;
      options.backbone = "small_cnn";
      options.dim = 32;
      Preprocessing preprocessing;
      preprocessing.size = 32;
      auto model = make_model(options, preprocessing, 1);
      save_model(folder / "model", *model, options, {});
      folder /= "model";
    }
    auto loaded = load_model(folder, false);
    const double error = golden_error(folder, *loaded.model);
    finding.ok = error < 1e-4;
    finding.value = "largest 1 - cosine " + format_number(error, 8) + " over 16 pictures" +
                    (own ? " (small_cnn made now)" : " (" + given.string() + ")");
  } catch (const Error& e) {
    finding.ok = false;
    finding.value = e.what();
  }
  if (own) {
    std::error_code ignored;
    fs::remove_all(name, ignored);
  }
  return finding;
}

}  // namespace

std::vector<std::string> loaded_openmp_runtimes() {
  std::set<std::string> found;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    const size_t slash = line.find('/');
    if (slash == std::string::npos) continue;
    const std::string path = line.substr(slash), file = fs::path(path).filename().string();
    if (file.rfind("libgomp", 0) == 0 || file.rfind("libiomp", 0) == 0 || file.rfind("libomp", 0) == 0)
      found.insert(path);
  }
  return {found.begin(), found.end()};
}

std::string library_of_symbol(const char* symbol) {
  Dl_info info{};
  void* address = dlsym(RTLD_DEFAULT, symbol);
  return address && dladdr(address, &info) && info.dli_fname ? info.dli_fname : "";
}

std::vector<Finding> examine_environment(const fs::path& model) {
  std::vector<Finding> all;
  all.push_back({"winnow", std::string(WINNOW_VERSION) + ", compiled with GCC " + __VERSION__, true, ""});
  all.push_back({"LibTorch", torch_version() + ", kernels for " + torch_cpu_capability(), true, ""});
  all.push_back({"FAISS", faiss_version(), true, ""});
  all.push_back({"threads", std::to_string(thread_count()), true, ""});
  all.push_back(openmp_finding());
  all.push_back(blas_finding());
  all.push_back(precision_finding());
  all.push_back(gpu_finding());
  all.push_back(disk_finding());
  all.push_back(golden_finding(model));
  return all;
}

}  // namespace winnow
