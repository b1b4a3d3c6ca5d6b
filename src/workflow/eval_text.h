#pragma once

#include <string>

#include "src/workflow/evaluate.h"

namespace winnow {

/// What `winnow eval retrieval` prints: metrics with intervals and the counts behind them.
/// @param differences  adds what tells each variant from its namesakes (--cross-check)
std::string evaluation_text(const EvaluationRun& run, bool differences);
/// The metrics a protocol is known by, the other ones, and the notes, by task.
std::string protocol_text(const ProtocolRun& run);
std::string protocol_table();

}  // namespace winnow
