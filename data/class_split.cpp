#include <algorithm>
#include <cmath>

#include "data/check.h"
#include "src/core/error.h"
#include "src/core/random.h"

namespace winnow {

std::vector<int> class_disjoint_split(const Dataset& dataset, double held_out, uint64_t seed) {
  if (!(held_out > 0 && held_out < 1))
    throw Error(ErrorCode::kConfig,
                "[split] the held-out share must be inside (0, 1), got " + std::to_string(held_out));
  std::vector<int64_t> classes;
  for (const auto& item : dataset.items)
    if (item.label >= 0) classes.push_back(item.label);
  std::sort(classes.begin(), classes.end());
  classes.erase(std::unique(classes.begin(), classes.end()), classes.end());
  const auto n = static_cast<int64_t>(classes.size());
  if (n < 2)
    throw Error(ErrorCode::kData, "[split] at least two classes are required, the data have " + std::to_string(n));
  Random(seed, "class_split").shuffle(classes);
  const auto held = std::clamp<int64_t>(std::llround(held_out * static_cast<double>(n)), 1, n - 1);
  std::vector<int> side(dataset.label_names.size(), 0);
  for (int64_t i = 0; i < held; ++i) side[static_cast<size_t>(classes[static_cast<size_t>(i)])] = 1;
  std::vector<int> out;
  for (const auto& item : dataset.items) out.push_back(item.label < 0 ? 0 : side[static_cast<size_t>(item.label)]);
  return out;
}

}  // namespace winnow
