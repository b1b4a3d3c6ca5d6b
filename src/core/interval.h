#pragma once

namespace winnow {

/// A share in [0, 1] with its 95 % interval.
struct Share {
  double value = 0, low = 0, high = 1;
};

/// Wilson score interval of `hits` (may be fractional) of `n`; n = 0: [0, 1]. E. B. Wilson, JASA 1927.
Share wilson(double hits, double n);

}  // namespace winnow
