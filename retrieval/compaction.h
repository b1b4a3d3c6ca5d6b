#pragma once

#include "retrieval/generation_build.h"
#include "retrieval/live_index.h"
#include "retrieval/snapshot.h"

namespace winnow {

// Internal to retrieval: a generation of the live items of a state.

/// @throws Error(kData) when no item is left, else as write_generation
LoadedGeneration write_compacted(const GenerationWriter& writer, const Snapshot& state, const CompactOptions& options,
                                 const BuildStep& step);

}  // namespace winnow
