#pragma once

#include <map>
#include <string>

#include "src/workflow/evaluate.h"

namespace winnow {

/// "0.1234 .. 0.2345", or nothing where the metric has no interval.
std::string interval_text(const std::map<std::string, Interval>& intervals, const std::string& name);

/// What `winnow eval retrieval` prints: metrics with intervals and the counts behind them.
/// @param differences  adds what tells each variant from its namesakes (--cross-check)
std::string evaluation_text(const EvaluationRun& run, bool differences);
/// The metrics a protocol is known by, the other ones, and the notes, by task.
std::string protocol_text(const ProtocolRun& run);
std::string protocol_table();

}  // namespace winnow
