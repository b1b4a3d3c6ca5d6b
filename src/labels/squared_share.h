#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

namespace winnow {

/// Rows of each class over what they would be if all classes were alike. C values.
inline std::vector<double> class_frequencies(std::span<const int64_t> labels, int64_t classes) {
  std::vector<double> out(static_cast<size_t>(classes), 0);
  for (const int64_t label : labels)
    out[static_cast<size_t>(label)] += static_cast<double>(classes) / static_cast<double>(labels.size());
  return out;
}

/// Probability that a label is wrong whose class has the share `own` of the sum of squared probabilities. Frequency as
/// a factor on the odds keeps the value a probability.
inline float wrong_by_share(double own, double frequency) {
  const double odds = own / std::max(1e-12, 1 - own) / frequency;
  return static_cast<float>(1 / (1 + odds));
}

}  // namespace winnow
