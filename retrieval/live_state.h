#pragma once

#include "retrieval/index.h"
#include "retrieval/snapshot.h"

namespace winnow {

// Internal to retrieval: from files to a state, and from a state to what users see of it.

/// The state of a generation with its log. @param read  receives where the log ends. @throws Error(kNotFound | kData)
std::shared_ptr<const Snapshot> open_snapshot(const fs::path& generation, LogRead* read);

/// The state after the log's batches from `offset` on.
std::shared_ptr<const Snapshot> replay(std::shared_ptr<const Snapshot> from, const fs::path& log, uint64_t offset,
                                       LogRead* read);

IndexInfo info_of(const Snapshot& state);
std::shared_ptr<const Index> view_of(std::shared_ptr<const Snapshot> state);

}  // namespace winnow
