#include "losses/gaussian_mixture.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "src/core/error.h"

namespace winnow {
namespace {

constexpr double kLeastVariance = 1e-4, kLeastWeight = 1e-6;

double log_density(double x, double mean, double variance) {
  return -0.5 * ((x - mean) * (x - mean) / variance + std::log(variance));
}

/// P(high | x) as Bayes has it.
double posterior(const TwoGaussians& m, double x) {
  const double low = std::log(m.low_weight) + log_density(x, m.low_mean, m.low_variance);
  const double high = std::log1p(-m.low_weight) + log_density(x, m.high_mean, m.high_variance);
  return 1 / (1 + std::exp(low - high));
}

TwoGaussians start(std::span<const double> values) {
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  const auto quantile = [&](double q) {
    return sorted[static_cast<size_t>(q * static_cast<double>(sorted.size() - 1))];
  };
  const double n = static_cast<double>(values.size());
  double mean = 0, variance = 0;
  for (const double x : values) mean += x / n;
  for (const double x : values) variance += (x - mean) * (x - mean) / n;
  variance = std::max(variance, kLeastVariance);
  return {quantile(0.2), quantile(0.8), variance, variance, 0.5};
}

/// One component's moments under the given responsibilities.
struct Moments {
  double mass = 0, first = 0, second = 0;
  void add(double weight, double x) {
    mass += weight;
    first += weight * x;
    second += weight * x * x;
  }
  double mean(double fallback) const { return mass > 0 ? first / mass : fallback; }
  double variance(double mean) const {
    return mass > 0 ? std::max(second / mass - mean * mean, kLeastVariance) : kLeastVariance;
  }
};

void improve(TwoGaussians& m, std::span<const double> values) {
  Moments low, high;
  for (const double x : values) {
    const double p = posterior(m, x);
    high.add(p, x);
    low.add(1 - p, x);
  }
  m.low_mean = low.mean(m.low_mean);
  m.high_mean = high.mean(m.high_mean);
  m.low_variance = low.variance(m.low_mean);
  m.high_variance = high.variance(m.high_mean);
  m.low_weight = std::clamp(low.mass / static_cast<double>(values.size()), kLeastWeight, 1 - kLeastWeight);
}

}  // namespace

double TwoGaussians::separation() const {
  return (high_mean - low_mean) / std::sqrt((low_variance + high_variance) / 2);
}

double TwoGaussians::high_posterior(double x) const {
  if (x >= high_mean) return 1;
  if (x <= low_mean) return 0;
  return posterior(*this, x);
}

TwoGaussians fit_two_gaussians(std::span<const double> values, int steps) {
  if (values.size() < 2)
    throw Error(ErrorCode::kInternal, "[mixture] at least 2 values are required, got " + std::to_string(values.size()));
  auto mixture = start(values);
  for (int i = 0; i < steps; ++i) improve(mixture, values);
  if (mixture.low_mean > mixture.high_mean) {
    std::swap(mixture.low_mean, mixture.high_mean);
    std::swap(mixture.low_variance, mixture.high_variance);
    mixture.low_weight = 1 - mixture.low_weight;
  }
  return mixture;
}

}  // namespace winnow
