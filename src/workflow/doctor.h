#pragma once

#include <string>
#include <vector>

#include "src/core/files.h"

namespace winnow {

/// One line of `winnow doctor`.
struct Finding {
  std::string name, value;
  bool ok = true;
  std::string fix;  ///< what to do when not ok
};

/// Looks at compiler, libraries, SIMD, OpenMP runtimes, BLAS, threads, precision, GPU, disk and golden embeddings.
/// @param model  a model folder whose golden vectors are checked too; empty = only a freshly made small one
std::vector<Finding> examine_environment(const fs::path& model = {});

/// Paths of the OpenMP runtimes mapped into this process (more than one gives wrong thread counts or crashes).
std::vector<std::string> loaded_openmp_runtimes();
/// Library that answers a symbol such as "sgemm_", or "".
std::string library_of_symbol(const char* symbol);

}  // namespace winnow
