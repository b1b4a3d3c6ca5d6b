#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "src/core/files.h"
#include "src/core/npy.h"

namespace winnow {

/// A row of items.csv: id, path, label and every further column.
struct EmbeddedItem {
  int64_t id = 0;
  std::string path, label;
  std::vector<std::string> extra;  ///< values of EmbeddingsInfo::extra_columns
};

struct EmbeddingsInfo {
  std::string model_digest, preprocessing_digest, model_path, data;
  std::string created, winnow_version, vectors_digest, items_digest;
  std::vector<std::string> extra_columns;
  bool normalised = true;
  int64_t rows = 0, dim = 0;
};

/// An embeddings folder opened for reading: vectors.npy (memory-mapped float32 N x D), items.csv, card.json.
class Embeddings {
 public:
  /// Checks shapes, digests of items.csv and card, and that every vector is finite (when `check_finite`).
  /// @throws Error(kNotFound | kData) naming file and row
  static Embeddings open(const fs::path& folder, bool check_finite = true);

  int64_t rows() const { return info_.rows; }
  int64_t dim() const { return info_.dim; }
  std::span<const float> vectors() const { return npy_->float32(); }
  std::span<const float> vector(int64_t row) const { return vectors().subspan(size_t(row * dim()), size_t(dim())); }
  const std::vector<EmbeddedItem>& items() const { return items_; }
  const EmbeddingsInfo& info() const { return info_; }
  const fs::path& folder() const { return folder_; }

 private:
  fs::path folder_;
  std::shared_ptr<NpyFile> npy_;
  std::vector<EmbeddedItem> items_;
  EmbeddingsInfo info_;
};

/// Streams an embeddings folder to disk: add() in order, then commit(); nothing is visible before.
class EmbeddingsWriter {
 public:
  EmbeddingsWriter(fs::path folder, int64_t dim, int64_t rows, EmbeddingsInfo info);
  ~EmbeddingsWriter();
  /// @param vector D floats. @throws Error(kNumeric) for a non-finite value, naming the path
  void add(const EmbeddedItem& item, std::span<const float> vector);
  /// Rows may be fewer than announced (bad pictures were left out).
  void commit();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace winnow
