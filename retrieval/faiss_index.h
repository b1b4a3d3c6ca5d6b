#pragma once

#include <memory>
#include <string>

#include "src/core/files.h"

namespace faiss {
struct Index;
struct IndexIVF;
struct IndexHNSW;
struct SearchParameters;
}  // namespace faiss

namespace winnow {

// Internal to retrieval: a FAISS index over positions 0..N-1 (inner product of unit vectors), and what its class can
// do.

struct FaissIndex {
  /// How a search can be confined to a set of positions inside FAISS.
  enum class Selector { kNone, kIvf, kHnsw };
  /// What may be given to FAISS at once without one query's answer depending on the others. FAISS multiplies by BLAS,
  /// with other rounding, for batches of 20 and more: kAssigned and kByList (one list after the other) = in the coarse
  /// quantizer only, kOne = elsewhere too.
  enum class Batch { kOne, kAssigned, kByList, kWhole };

  FaissIndex();
  FaissIndex(FaissIndex&&) noexcept;
  FaissIndex& operator=(FaissIndex&&) noexcept;
  ~FaissIndex();

  int64_t size() const;
  int64_t dim() const;
  int64_t ivf_lists() const;  ///< 0 without an IVF
  /// Fills in the fields below from the class of `index`; to be called again after adding.
  void inspect();
  /// nprobe or efSearch, whichever the class has. FAISS keeps these in the file: set them after every load.
  void set_probe(int64_t probe);
  /// FAISS's k best of each of n queries [n, D] on the calling thread's OpenMP threads; -1 where there are fewer. The
  /// answer of a query is the same in every batch. @param parameters  of the class that `selector` names, or nullptr
  void search(const float* queries, int64_t n, int64_t k, const faiss::SearchParameters* parameters, float* scores,
              int64_t* labels) const;

  std::unique_ptr<faiss::Index> index;
  faiss::IndexIVF* ivf = nullptr;    ///< the innermost IVF, inside any transforms and refinement
  faiss::IndexHNSW* hnsw = nullptr;  ///< the innermost HNSW that holds items (not a coarse quantizer)
  const float* flat = nullptr;       ///< [N, D] when the index keeps the vectors as they are in one block
  bool exhaustive = false;           ///< plain Flat: a search sees every vector
  bool exact_codes = false;          ///< scores are those of the vectors themselves, up to float rounding
  bool fine_codes = false;           ///< eight bits a component: ranks nearly as the vectors do
  Selector selector = Selector::kNone;
  Batch batch = Batch::kOne;

 private:
  static Batch batch_of(const faiss::Index& one);
};

/// An empty, untrained index. @param seed  of k-means, PQ training and HNSW levels
/// @throws Error(kConfig) naming the string and the FAISS version for a string this FAISS refuses
FaissIndex make_faiss_index(const std::string& factory, int64_t dim, int64_t count, uint64_t seed);

/// Trains on a sample of the rows. @param rows  float32 [N, D], unit length. @throws Error(kConfig | kDevice)
void train_faiss_index(FaissIndex& index, const std::string& factory, const float* rows, int64_t n, uint64_t seed);

/// Adds rows in blocks; stops with Error(kInterrupted) after a signal. @param threads  0 = thread_count()
void add_to_faiss_index(FaissIndex& index, const std::string& factory, const float* rows, int64_t n, int threads);

struct WrittenFile {
  uint64_t bytes = 0;
  std::string sha256;
};
/// Through AtomicFile, so a full disk is an error and the digest is that of the bytes written.
WrittenFile write_faiss_index(const FaissIndex& index, const fs::path& file);

/// Bytes that write_faiss_index would write.
uint64_t faiss_index_bytes(const FaissIndex& index);

/// Checks size and SHA-256 before FAISS parses the very bytes that were hashed.
/// @throws Error(kData) `FILE: digest differs ...`, or naming the FAISS version that wrote it when it cannot be read
FaissIndex read_faiss_index(const fs::path& file, const WrittenFile& expected, const std::string& written_by);

}  // namespace winnow
