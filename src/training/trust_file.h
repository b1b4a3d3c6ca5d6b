#pragma once

#include "losses/loss.h"
#include "src/core/files.h"
#include "src/training/training_data.h"

namespace winnow {

/// Writes RUN/trust.csv: row,path,label,trust,score in order of the manifest; `score` is empty for pictures that were
/// never seen. Atomic. @param table  by position in data.train. @throws Error(kShape | kDevice)
void write_trust(const fs::path& file, const TrainingData& data, const TrustTable& table);

}  // namespace winnow
