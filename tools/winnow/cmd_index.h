#pragma once

#include "retrieval/index.h"
#include "tools/winnow/cli.h"

namespace winnow::cli {

// Shared by the files of `winnow index`.

nlohmann::ordered_json info_document(const IndexInfo& info);
std::string info_text(const IndexInfo& info);
std::vector<Embeddings> open_embeddings(const std::vector<std::string>& folders);

/// add, rm, compact, merge, migrate.
void add_index_changes(CLI::App& index, Session& session);

}  // namespace winnow::cli
