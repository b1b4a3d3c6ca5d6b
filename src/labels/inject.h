#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace winnow {

/// Symmetric noise without the own class: exactly round(rate * N) items, drawn without replacement, each get one of the
/// other C - 1 labels with equal chance.
struct InjectOptions {
  std::string type = "symmetric";  ///< symmetric | pair (class c becomes c + 1)
  double rate = 0.4;               ///< share of items in [0, 1]
  uint64_t seed = 7;
};

struct InjectedLabels {
  std::vector<int64_t> labels;  ///< the new labels
  int64_t changed = 0;
  double realised_rate = 0;
};

/// @param labels  values in [0, classes); classes >= 2. @throws Error(kData | kUsage)
InjectedLabels inject_noise(std::span<const int64_t> labels, int64_t classes, const InjectOptions& options);

}  // namespace winnow
