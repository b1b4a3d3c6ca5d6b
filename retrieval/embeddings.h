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
  /// `preprocessing_digest`: that of the model, chained with recipe and whitening where there are any, so that vectors
  /// made in different ways are never mixed.
  std::string model_digest, preprocessing_digest, model_path, data;
  std::string recipe;            ///< what was done beside one plain view (src/training/embed_recipe.h); "" = nothing
  std::string whitening_digest;  ///< of whitening-DIGEST.json in the folder; "" = not whitened
  std::string created, winnow_version, vectors_digest, items_digest;
  std::vector<std::string> extra_columns;
  bool normalised = true;
  std::string dtype = "float32";  ///< of the file: float32 or float16 (half the disk, values to 1 part in 2,048)
  int64_t rows = 0, dim = 0;
};

/// The digest of vectors that a further step made of others; an empty step leaves it as it is.
std::string chained_digest(const std::string& before, const std::string& step);

/// An embeddings folder opened for reading: vectors.npy (float32 or float16, N x D), items.csv,
/// card.json. float32 is memory-mapped as it is; float16 is widened tile by tile into a mapped scratch file, so that
/// neither takes memory the kernel cannot take back.
class Embeddings {
 public:
  /// Checks shapes, digests of items.csv and card, and that every vector is finite (when `check_finite`).
  /// @throws Error(kNotFound | kData) naming file and row, Error(kDevice) without room for a scratch file
  static Embeddings open(const fs::path& folder, bool check_finite = true);

  int64_t rows() const { return info_.rows; }
  int64_t dim() const { return info_.dim; }
  std::span<const float> vectors() const { return vectors_; }
  std::span<const float> vector(int64_t row) const { return vectors().subspan(size_t(row * dim()), size_t(dim())); }
  const std::vector<EmbeddedItem>& items() const { return items_; }
  const EmbeddingsInfo& info() const { return info_; }
  const fs::path& folder() const { return folder_; }

 private:
  fs::path folder_;
  std::shared_ptr<const void> storage_;  ///< what vectors_ lies in
  std::span<const float> vectors_;
  std::vector<EmbeddedItem> items_;
  EmbeddingsInfo info_;
};

/// All rows at unit length. @throws Error(kData) naming a row of zeros
std::vector<float> unit_rows(const Embeddings& embeddings);

/// Streams an embeddings folder to disk: add() in order, then commit(); nothing is visible before.
class EmbeddingsWriter {
 public:
  /// @param info  its dtype is what the file will hold. @throws Error(kUsage) for another than float32 and float16
  EmbeddingsWriter(fs::path folder, int64_t dim, int64_t rows, EmbeddingsInfo info);
  ~EmbeddingsWriter();
  /// @param vector D floats. @throws Error(kNumeric) for a value that is not finite (as float16, where the file holds
  /// that), naming the path
  void add(const EmbeddedItem& item, std::span<const float> vector);
  /// Rows may be fewer than announced (bad pictures were left out).
  void commit();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace winnow
