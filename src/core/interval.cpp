#include "src/core/interval.h"

#include <algorithm>
#include <cmath>

namespace winnow {

Share wilson(double hits, double n) {
  if (n <= 0) return {};
  const double z = 1.959963984540054, p = hits / n, z2 = z * z / n;
  const double middle = (p + z2 / 2) / (1 + z2), half = z / (1 + z2) * std::sqrt(p * (1 - p) / n + z2 / (4 * n));
  return {p, std::max(0.0, std::min(p, middle - half)), std::min(1.0, std::max(p, middle + half))};
}

}  // namespace winnow
