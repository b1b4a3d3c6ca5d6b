#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "src/labels/signals.h"

namespace winnow {

/// How labels are made wrong (losses.md 8.2, last rule). Types:
/// - symmetric: one of the other C - 1 labels with equal chance
/// - symmetric-own: one of all C labels, the own one too, so that fewer change than are drawn
/// - pair: class c becomes c + 1, the last one 0
/// - map: class c becomes map[c]; classes without an entry (-1) keep their labels
/// - superclass: one of the other labels of the same superclass
/// - instance: the label another centre suggests; rows near to it are drawn first (needs `vectors`)
/// - cluster: small clusters of alike pictures of a class get one other label together (needs `vectors`)
/// - open-set: rows of left-out classes under labels of the others (needs `open_classes`)
struct InjectOptions {
  std::string type = "symmetric";
  double rate = 0.4;  ///< share of items in [0, 1]; map and superclass: of the items that can change
  uint64_t seed = 7;
  bool exact = true;                     ///< exactly round(rate * N) items are drawn; else each one with chance `rate`
  std::vector<int64_t> map = {};         ///< C
  std::vector<int64_t> superclass = {};  ///< C
  UnitVectors vectors = {};              ///< N
  int64_t cluster_size = 5;
  int64_t open_classes = 0;
};

struct InjectedLabels {
  std::vector<int64_t> labels;  ///< the new labels
  std::vector<char> keep;       ///< N: 0 = the item is left out (open-set: strangers beyond the rate)
  int64_t changed = 0;          ///< kept items whose label is not the old one
  double realised_rate = 0;     ///< changed / kept
};

const std::vector<std::string>& inject_types();

/// @param labels  values in [0, classes); classes >= 2. @throws Error(kData | kUsage)
InjectedLabels inject_noise(std::span<const int64_t> labels, int64_t classes, const InjectOptions& options);

}  // namespace winnow
