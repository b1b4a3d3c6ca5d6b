#pragma once

#include <string>
#include <vector>

#include "retrieval/embeddings.h"
#include "src/evaluation/protocols/protocol.h"
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
  uint64_t stated_memory = 0,
           measured_memory = 0;  ///< bytes beside the mapped vectors: announced before, seen while it ran (MemoryWatch)
  std::string task;              ///< of a protocol with several, such as "hard"
  /// Rows of the folders that take part, by row of the evaluation; empty = all of them.
  std::vector<int64_t> query_rows, gallery_rows;
  RetrievalOptions options;  ///< as evaluated; its masks point to nothing any more
  bool labelled = true;      ///< equal labels decide what is relevant (a report by class makes sense)

  const EmbeddedItem& query_item(int64_t row) const;
  const EmbeddedItem& gallery_item(int64_t row) const;
};

/// @param gallery  empty or equal to `queries`: every query is left out of its own gallery
/// @throws Error(kMismatch) when the two folders come from different models, Error(kData) without labels
EvaluationRun evaluate_folders(const fs::path& queries, const fs::path& gallery, const RetrievalOptions& options);

/// A benchmark's protocol on embeddings folders: one run a task, and what a reader should know about the counts.
struct ProtocolRun {
  const ProtocolDefinition* protocol = nullptr;
  std::vector<EvaluationRun> tasks;
  std::vector<std::string> notes;
};
/// @param options  metrics and ks of the protocol are added to those asked for
ProtocolRun evaluate_protocol(const std::string& protocol, const fs::path& queries, const fs::path& gallery,
                              const fs::path& truth, RetrievalOptions options);
/// Metrics over all tasks, "hard.ap.trapezoid" where there are several.
std::map<std::string, double> protocol_metrics(const ProtocolRun& run);
std::string protocol_json(const ProtocolRun& run);

/// The document of `winnow eval retrieval --json`.
std::string evaluation_json(const EvaluationRun& run);
/// Per-query CSV: row, path, label, relevant, first_rank, every metric, best hit; atomic.
void write_query_csv(const fs::path& file, const EvaluationRun& run, const std::vector<int64_t>& ks);

}  // namespace winnow
