#pragma once

#include "src/models/safetensors.h"

namespace winnow {

/// As the function that takes a path, without the commit: a caller that writes several files commits them together.
void write_safetensors(AtomicFile& out, const NamedTensors& tensors,
                       const std::map<std::string, std::string>& metadata);

}  // namespace winnow
