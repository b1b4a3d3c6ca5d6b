#include "src/labels/mixture.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace winnow {
namespace {

constexpr double kLeastVariance = 1e-4;

double density(double x, double mean, double variance) {
  return std::exp(-(x - mean) * (x - mean) / (2 * variance)) / std::sqrt(variance);
}

double quantile(std::span<const double> values, std::span<const double> weights, double total, double q) {
  double sum = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    sum += weights[i];
    if (sum >= q * total) return values[i];
  }
  return values.back();
}

}  // namespace

double Mixture::posterior(double x) const {
  if (x >= mean_high) return 1;
  if (x <= mean_low) return 0;
  const double high = share_high * density(x, mean_high, variance_high);
  const double low = (1 - share_high) * density(x, mean_low, variance_low);
  return high + low > 0 ? high / (high + low) : 0;
}

Mixture fit_mixture(std::span<const double> values, std::span<const double> weights, int steps) {
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  Mixture m;
  m.mean_low = quantile(values, weights, total, 0.2);
  m.mean_high = quantile(values, weights, total, 0.8);
  double mean = 0, variance = 0;
  for (size_t i = 0; i < values.size(); ++i) mean += weights[i] * values[i] / total;
  for (size_t i = 0; i < values.size(); ++i) variance += weights[i] * (values[i] - mean) * (values[i] - mean) / total;
  m.variance_low = m.variance_high = std::max(variance, kLeastVariance);
  m.share_high = 0.5;
  for (int step = 0; step < steps; ++step) {
    double weight = 0, sum_high = 0, sum_low = 0, square_high = 0, square_low = 0;
    for (size_t i = 0; i < values.size(); ++i) {
      const double x = values[i], high = m.share_high * density(x, m.mean_high, m.variance_high),
                   low = (1 - m.share_high) * density(x, m.mean_low, m.variance_low);
      const double r = high + low > 0 ? high / (high + low) : (x > mean ? 1.0 : 0.0);
      weight += weights[i] * r;
      sum_high += weights[i] * r * x;
      sum_low += weights[i] * (1 - r) * x;
      square_high += weights[i] * r * x * x;
      square_low += weights[i] * (1 - r) * x * x;
    }
    if (weight < 1e-9 * total || weight > (1 - 1e-9) * total) break;
    m.share_high = weight / total;
    m.mean_high = sum_high / weight;
    m.mean_low = sum_low / (total - weight);
    m.variance_high = std::max(square_high / weight - m.mean_high * m.mean_high, kLeastVariance);
    m.variance_low = std::max(square_low / (total - weight) - m.mean_low * m.mean_low, kLeastVariance);
  }
  if (m.mean_low > m.mean_high) {
    std::swap(m.mean_low, m.mean_high);
    std::swap(m.variance_low, m.variance_high);
    m.share_high = 1 - m.share_high;
  }
  m.separation = (m.mean_high - m.mean_low) / std::sqrt((m.variance_high + m.variance_low) / 2);
  return m;
}

}  // namespace winnow
