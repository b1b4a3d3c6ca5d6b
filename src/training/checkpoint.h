#pragma once

#include <optional>
#include <string>

#include "src/core/files.h"
#include "src/models/safetensors.h"

namespace winnow {

/// What a checkpoint holds: tensors and a JSON document.
struct Checkpoint {
  NamedTensors tensors;
  std::string json;
};

/// Writes FOLDER/NAME/{state.safetensors, state.json} as a whole: into FOLDER/.NAME.tmp with fsync, then swapped with
/// the old one by rename. Killed at any point, read_checkpoint() finds the old or the new one. One writer at a time.
/// @throws Error(kDevice) for a full disk; the old checkpoint then stays
void write_checkpoint(const fs::path& folder, const std::string& name, const Checkpoint& checkpoint);

/// @return empty when there is none. @throws Error(kData) naming the file when it was damaged after it was written
std::optional<Checkpoint> read_checkpoint(const fs::path& folder, const std::string& name);

}  // namespace winnow
