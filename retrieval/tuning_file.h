#pragma once

#include "retrieval/tune.h"

namespace winnow {

// Internal to retrieval.

/// FOLDER/tuning.json, sealed and atomic; makes the folder.
void write_tuning(const fs::path& folder, const Tuning& tuning);

}  // namespace winnow
