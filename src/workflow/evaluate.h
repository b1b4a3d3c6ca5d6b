#pragma once

#include <string>
#include <vector>

#include "retrieval/embeddings.h"
#include "src/evaluation/retrieval.h"

namespace winnow {

/// One side's labels as numbers shared by both sides, and its ids.
struct LabelledSet {
  std::vector<int64_t> labels, ids;
};

/// A retrieval evaluation of embeddings folders.
struct EvaluationRun {
  Embeddings queries, gallery;
  LabelledSet query_set, gallery_set;
  std::vector<std::string> label_names;
  bool same_set = false;
  RetrievalResult result;
};

/// @param gallery  empty or equal to `queries`: every query is left out of its own gallery
/// @throws Error(kMismatch) when the two folders come from different models, Error(kData) without labels
EvaluationRun evaluate_folders(const fs::path& queries, const fs::path& gallery, const RetrievalOptions& options);

/// The document of `winnow eval retrieval --json`.
std::string evaluation_json(const EvaluationRun& run);
/// Per-query CSV: row, path, label, relevant, first_rank, every metric, best hit; atomic.
void write_query_csv(const fs::path& file, const EvaluationRun& run, const std::vector<int64_t>& ks);

}  // namespace winnow
