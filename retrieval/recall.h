#pragma once

#include "retrieval/loaded_generation.h"

namespace winnow {

// Internal to retrieval: recall of a generation against exact search on its own vectors.

struct RecallSample {
  double recall = 1;  ///< share of the exact 10 best (the item itself aside) that were found; ties count as found
  int64_t queries = 0;
};

/// @param sample  stored vectors drawn as queries
RecallSample recall_at_10(const LoadedGeneration& loaded, int64_t sample, uint64_t seed);

}  // namespace winnow
