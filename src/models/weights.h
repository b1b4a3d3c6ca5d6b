#pragma once

#include <string>
#include <vector>

#include "src/models/safetensors.h"

namespace winnow {

/// What keeps given tensors from being a model's state, one line a key. torchvision's `fc.*` and the counters of batch
/// norm are nobody's fault.
struct WeightsDiff {
  std::vector<std::string> faults;
  std::vector<std::string> absent_head;  ///< "embedding.*" or "pool.*" is missing: a backbone from elsewhere
};

WeightsDiff compare_state(const NamedTensors& given, const NamedTensors& wanted);

/// "3 differences" and the first 20 of them, a line each.
std::string summary(const std::vector<std::string>& lines);

/// Copies values by name into the tensors of `to`, whatever layout, type and device they have.
void copy_state(const NamedTensors& from, const NamedTensors& to);

}  // namespace winnow
