#pragma once

#include "retrieval/live_index.h"

namespace winnow {

// The verbs of an index's life that change a folder, each with its own writer lock.

/// Puts the rows of embeddings folders into an index. @param update  ids that are there are replaced; without it they
/// are an error, and nothing is written. @throws Error(kMismatch) for another model, Error(kData) for an id that is
/// there or comes twice; else as LiveIndex::upsert
WriteResult add_to_index(const fs::path& folder, std::span<const Embeddings> slices, bool update);

struct RemovalOptions {
  std::vector<int64_t> ids;
  std::string where;        ///< SQL condition; every item it holds for is removed too
  bool missing_ok = false;  ///< ids that are not there are passed over
};
/// @throws Error(kNotFound) for an id that is not there, Error(kData) for a bad condition; nothing is removed then
WriteResult remove_from_index(const fs::path& folder, const RemovalOptions& options);

struct MigrationOptions {
  IndexBuildOptions build;
  int64_t sample = 500;    ///< items drawn as queries when no held-out queries are given
  double max_loss = 0.01;  ///< the new index may score this much lower at recall@1 before the swap is refused
  uint64_t seed = 1;
};
struct Migration {
  IndexInfo info;                              ///< of the new generation
  double recall_before = 0, recall_after = 0;  ///< recall@1: the best other item has the query's label
  double overlap_at_10 = 0;                    ///< share of the old ten best that are among the new ten
  int64_t queries = 0;
  bool labelled = false;  ///< without labels only the overlap is measured and nothing is refused
  bool swapped = false;
};
/// Moves an index to another model: builds the new vectors of the same items beside it, compares both on the same
/// queries, and swaps when the new one is not worse. @param items  every live item embedded by the new model (the ids
/// decide; items that are not in the index are an error, as are missing ones)
/// @param old_queries, new_queries  held-out queries embedded by both models with equal ids; both null = `sample`
/// items of the index, each left out of its own result
/// @throws Error(kData) when ids differ; else as build_index. A refused swap is no error: `swapped` is false and the
/// index is as it was
Migration migrate_index(const fs::path& folder, const Embeddings& items, const Embeddings* old_queries,
                        const Embeddings* new_queries, const MigrationOptions& options,
                        const std::function<void(const std::string&)>& on_step = {});

}  // namespace winnow
