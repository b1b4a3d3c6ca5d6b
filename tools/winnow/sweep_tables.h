#pragma once

#include "src/workflow/sweep.h"
#include "tools/winnow/cli.h"

namespace winnow::cli {

/// The table of a sweep's methods on stdout, or one JSON document; `folder` holds the report (empty = none was
/// written).
void print_sweep(const SweepResults& results, const std::string& folder, const Session& session);

}  // namespace winnow::cli
