#pragma once

#include <vector>

#include "src/config/reader.h"
#include "src/core/files.h"
#include "src/report/train_report.h"

namespace winnow {

/// Finished epochs of a run's metrics.jsonl, in order. @throws Error(kNotFound | kData) with file and line
std::vector<TrainEpoch> read_epochs(const fs::path& metrics);

}  // namespace winnow
