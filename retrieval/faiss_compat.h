#pragma once

#include <faiss/Index.h>
#include <faiss/impl/FaissException.h>
#include <faiss/impl/IDSelector.h>
#include <faiss/impl/io.h>
#include <faiss/index_io.h>
#include <faiss/utils/distances.h>
#include <omp.h>

#include <cstdint>
#include <string>
#include <type_traits>

// Internal to retrieval: every difference between FAISS 1.7.3 (Debian 12) and 1.15 that our code can see.

namespace winnow::faiss_compat {

#define WINNOW_FAISS_AT_LEAST(minor, patch) \
  (FAISS_VERSION_MAJOR > 1 ||               \
   (FAISS_VERSION_MAJOR == 1 &&             \
    (FAISS_VERSION_MINOR > (minor) || (FAISS_VERSION_MINOR == (minor) && FAISS_VERSION_PATCH >= (patch)))))

// The id type moved from faiss::Index to faiss in 1.7.4.
#if WINNOW_FAISS_AT_LEAST(7, 4)
using Id = faiss::idx_t;
#else
using Id = faiss::Index::idx_t;
#endif
/// IVF fast-scan takes lists that were assigned before since 1.8.
inline constexpr bool kFastScanTakesLists = WINNOW_FAISS_AT_LEAST(8, 0);
static_assert(std::is_same_v<Id, int64_t>, "positions are passed to FAISS as int64_t");

inline std::string version() {
  return std::to_string(FAISS_VERSION_MAJOR) + "." + std::to_string(FAISS_VERSION_MINOR) + "." +
         std::to_string(FAISS_VERSION_PATCH);
}

/// What went wrong, without function and file: "Error in void f(...) at x.cpp:12: Error: 'd % M == 0' failed" gives the
/// last part.
inline std::string reason(const std::exception& e) {
  const auto* known = dynamic_cast<const faiss::FaissException*>(&e);
  const std::string text = known ? known->msg : e.what();
  const auto at = text.rfind("Error: ");
  return at == std::string::npos ? text : text.substr(at + 7);
}

/// No field of a file of `bytes` may make FAISS allocate far more than the file can hold (1.14.2 and newer; older ones
/// trust the header, which is why a file is parsed only after its digest was checked). 1.15 holds the table that IVFPQ
/// makes of its centroids against the limit too: nlist M 256 floats for the nlist D in the file, with M <= D.
inline void limit_deserialization([[maybe_unused]] uint64_t bytes) {
#if WINNOW_FAISS_AT_LEAST(14, 2)
  constexpr uint64_t kMostPerByte = 256;
  faiss::set_deserialization_vector_byte_limit(bytes > UINT64_MAX / kMostPerByte ? UINT64_MAX : bytes * kMostPerByte);
#endif
}

/// From how many queries on a flat search multiplies by BLAS. 1.15 counts numbers instead of queries and waits for
/// 128,000 (1,000 queries of 128), below which it reads all rows again for every query; 20 queries of 128 as in all
/// older ones. Set before the first search, as FAISS reads it without a lock.
inline void use_blas_early() {
#if WINNOW_FAISS_AT_LEAST(15, 0)
  static const bool once = (faiss::distance_compute_blas_threshold = 20 * 128, true);
  (void)once;
#endif
}

/// FAISS's threads for the calling thread, restored at the end of the scope.
class OmpThreads {
 public:
  explicit OmpThreads(int n) : before_(omp_get_max_threads()) { omp_set_num_threads(n); }
  ~OmpThreads() { omp_set_num_threads(before_); }
  OmpThreads(const OmpThreads&) = delete;
  OmpThreads& operator=(const OmpThreads&) = delete;

 private:
  int before_;
};

}  // namespace winnow::faiss_compat
