#pragma once

#include <span>

namespace winnow {

/// Two Gaussians over scores: `low` what wrong labels score, `high` what right ones do.
struct TwoGaussians {
  double low_mean = 0, high_mean = 0, low_variance = 1, high_variance = 1;
  double low_weight = 0.5;  ///< share of the low component, [0, 1]

  /// d' = (high_mean - low_mean) / sqrt((low_variance + high_variance) / 2), >= 0
  double separation() const;
  /// P(high | x), made monotone: 1 from high_mean on, 0 up to low_mean (unequal variances turn the tails around).
  double high_posterior(double x) const;
};

/// Expectation maximisation from the 20 % and 80 % quantiles, equal weights and the variance of all; variances stay
/// above 1e-4. Sums run in the order of the values. O(n log n + steps n).
/// Source: losses.md 8.3.
/// @param values  finite
/// @throws Error(kInternal) for fewer than 2 values
TwoGaussians fit_two_gaussians(std::span<const double> values, int steps = 20);

}  // namespace winnow
