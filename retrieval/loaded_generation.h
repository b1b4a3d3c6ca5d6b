#pragma once

#include <memory>
#include <span>

#include "retrieval/generation.h"
#include "retrieval/item_table.h"
#include "retrieval/searcher.h"
#include "src/core/npy.h"

namespace winnow {

// Internal to retrieval: one generation opened for searching.

struct LoadedGeneration {
  Manifest manifest;
  std::unique_ptr<FaissIndex> index;
  std::unique_ptr<NpyFile> vectors, id_file;
  std::unique_ptr<ItemTable> items;
  std::unique_ptr<Searcher> searcher;

  /// Ascending ids, one a position.
  std::span<const int64_t> ids() const;
  /// Unit vectors [N, D]: FAISS's own copy where it has one (it was hashed, and the file stays untouched), else the
  /// mapped vectors.npy.
  const float* rows() const;
};

/// @throws Error(kNotFound | kData) naming the file
LoadedGeneration load_generation(const fs::path& generation);

/// The file's size, and its digest when `hash`. @throws Error(kNotFound | kData)
void check_file(const fs::path& file, const WrittenFile& expected, bool hash);

}  // namespace winnow
