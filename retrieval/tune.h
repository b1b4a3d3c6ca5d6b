#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "retrieval/index.h"

namespace winnow {

struct TuneOptions {
  double target_recall = 0.95;  ///< recall@10 against exact search, on vectors that are not in the index
  uint64_t memory = 0;          ///< budget in bytes of the searchable index; 0 = no limit
  int64_t queries = 2000;       ///< rows held out as queries; at most a fifth of all
  uint64_t seed = 1234;
  std::vector<std::string> types;  ///< candidates as IndexBuildOptions::type; empty = those that suit the size
};

/// One measured setting.
struct TunePoint {
  std::string type, factory;
  int64_t probe = 0;        ///< nprobe or efSearch
  double recall_at_10 = 0;  ///< of the index as winnow searches it (candidates scored again from the vectors)
  double micros = 0;        ///< a query, one thread
  uint64_t bytes = 0;       ///< of the FAISS index, scaled from the rows that were not held out to all
  double build_seconds = 0;
  bool fits = true;      ///< within the memory budget
  bool reaches = false;  ///< the recall target
  bool pareto = false;   ///< no other point has better recall for less time and less memory
  bool chosen = false;
};

struct Tuning {
  std::vector<TunePoint> points;
  double target_recall = 0;
  uint64_t memory = 0;
  int64_t rows = 0, measured_rows = 0, dim = 0, queries = 0;
  std::string model_digest, faiss_version, created, reason;

  const TunePoint& chosen() const;
};

/// Measures index types on the user's own vectors: rows held out as queries, exact neighbours among the rest, every
/// candidate built once and searched with growing probe until it reaches the target. Chosen is the fastest point that
/// reaches the target within the budget; the result is stored as tuning.json in the index folder, where type `auto` of
/// build_index finds it.
/// @throws Error(kConfig) when nothing fits the budget or nothing reaches the target (naming the best),
/// Error(kData) for fewer than 50 rows, Error(kInterrupted)
Tuning tune_index(std::span<const Embeddings> slices, const fs::path& folder, const TuneOptions& options,
                  const std::function<void(const std::string&)>& on_step = {});

/// What tune_index stored in the folder. @throws Error(kData) for a damaged file
std::optional<Tuning> read_tuning(const fs::path& folder);

}  // namespace winnow
