#pragma once

#include "src/core/files.h"

namespace winnow {

/// Rebuilds RUN/report.html from what the run left on disk (metrics.jsonl, config.yaml, provenance.json).
/// @return the report's path. @throws Error(kNotFound | kData) naming what is missing
fs::path write_run_report(const fs::path& run);

}  // namespace winnow
