#pragma once

#include <span>

namespace winnow {

/// Two Gaussians over weighted values. Reference: losses.md 8.3 (EM in float64, start at the 20 and 80 % quantiles).
struct Mixture {
  double mean_low = 0, mean_high = 0, variance_low = 1, variance_high = 1;
  double share_high = 0;  ///< weight of the high component
  double separation = 0;  ///< (mean_high - mean_low) / sqrt of the mean variance

  /// Posterior of the high component; 1 above its mean and 0 below the low one's, so that it never falls.
  double posterior(double x) const;
};

/// @param values  ascending. @param weights  one a value, not negative, at least one positive
Mixture fit_mixture(std::span<const double> values, std::span<const double> weights, int steps = 60);

}  // namespace winnow
