#pragma once

#include "retrieval/index.h"
#include "tools/winnow/cli.h"

namespace winnow::cli {

// Shared by the files of `winnow index`.

std::vector<Embeddings> open_embeddings(const std::vector<std::string>& folders);
void log_step(const std::string& step);
/// What an index holds, as JSON or text.
int print_index(const IndexInfo& info, const Session& session);

void add_index_writes(CLI::App& index, Session& session);       ///< add, rm
void add_index_generations(CLI::App& index, Session& session);  ///< compact, merge, migrate
void add_index_measures(CLI::App& index, Session& session);     ///< tune, verify, calibrate

}  // namespace winnow::cli
