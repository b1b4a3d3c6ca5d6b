#pragma once

#include <vector>

#include "src/report/eval_findings.h"

namespace winnow {

/// One query: its picture, its first hits framed by whether they are right, and the best true match when it is missed.
SheetRow query_row(const EvalReport& report, const QueryResult& query);
/// One confused pair: up to two queries, each beside the wrong picture that came first.
SheetRow pair_row(const EvalReport& report, const ConfusedPair& pair);

}  // namespace winnow
