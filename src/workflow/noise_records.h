#pragma once

#include "src/core/files.h"
#include "src/workflow/noise_source.h"

namespace winnow {

// What training leaves beside its model, row by row. A source without labels takes them from the file; rows that the
// source has not are passed over. @throws Error(kData) with file and line

/// trust.csv: row,path,label,trust,score[,rate]
void read_trust(const fs::path& file, NoiseSource& source);
/// dynamics.csv: row,path,label,own,other,other_share,squares
void read_dynamics(const fs::path& file, NoiseSource& source);

}  // namespace winnow
