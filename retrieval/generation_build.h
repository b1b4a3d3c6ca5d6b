#pragma once

#include <functional>
#include <string>
#include <vector>

#include "retrieval/loaded_generation.h"

namespace winnow {

// Internal to retrieval: from items and vectors to a finished generation under its temporary name.

/// Items in ascending order of their ids, every id once. Pointers belong to the caller.
struct GenerationContent {
  int64_t dim = 0;
  std::vector<const EmbeddedItem*> items;
  std::vector<const float*> vectors;  ///< D values each
  bool unit = false;                  ///< vectors have unit length and are stored as they are
  std::vector<ItemColumn> columns;    ///< path, label and the further columns
  std::string source;                 ///< for messages
};

/// Row `row` as a unit vector of D floats. @throws Error(kData) for a zero or non-finite one, naming the item
void unit_vector(const GenerationContent& content, size_t row, float* out);

using BuildStep = std::function<void(const std::string&)>;

/// The rows of embeddings folders of one model, sorted by id. The folders must outlive it.
/// @param part, parts  only the rows with row % parts == part; column types are those of all rows
/// @throws Error(kData) for an id that occurs twice
GenerationContent content_of(std::span<const Embeddings> slices, int64_t part = 0, int64_t parts = 1);
/// What the embeddings say about model and data.
IndexInfo origin_of(const EmbeddingsInfo& from);

/// History of the index that a folder holds so far; empty without one.
std::vector<IndexEvent> history_of(const fs::path& folder);

/// Plan of a build: what plan_index says, or the choice that `tune` stored in the folder for type `auto`.
IndexPlan plan_for(const fs::path& folder, const IndexBuildOptions& options, int64_t count, int64_t dim);

/// Writes every file, reads them back and measures recall. @param info  generation, model, data and history are taken
/// from it; the rest is filled in. @param what  the event of the history ("build", "compact", ...)
/// @throws as build_index
LoadedGeneration write_generation(const GenerationWriter& writer, const GenerationContent& content,
                                  const IndexPlan& plan, const IndexBuildOptions& options, IndexInfo info,
                                  const std::string& what, const BuildStep& step);

}  // namespace winnow
