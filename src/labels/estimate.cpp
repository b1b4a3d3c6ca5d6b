#include "src/labels/estimate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "src/core/error.h"
#include "src/core/random.h"
#include "src/labels/estimate_details.h"
#include "src/labels/mixture.h"

namespace winnow {
namespace {

constexpr int kBins = 512, kSamples = 200;
constexpr double kApart = 1.6, kReach = 12;

double log_odds(float wrong) {
  const double p = std::clamp(static_cast<double>(wrong), 1e-6, 1 - 1e-6);
  return std::log(p / (1 - p));
}

struct Histogram {
  std::vector<double> centres = std::vector<double>(kBins), counts = std::vector<double>(kBins);
  Histogram() {
    for (int b = 0; b < kBins; ++b) centres[static_cast<size_t>(b)] = -kReach + (b + 0.5) * 2 * kReach / kBins;
  }
  void add(double x) {
    const auto bin = static_cast<int>((std::clamp(x, -kReach, kReach) + kReach) / (2 * kReach) * kBins);
    ++counts[static_cast<size_t>(std::min(bin, kBins - 1))];
  }
  double total() const { return std::accumulate(counts.begin(), counts.end(), 0.0); }
};

struct Fit {
  Mixture mixture;
  bool apart = false;
  double even_odds = 0;  ///< share above even odds
  double rate() const { return apart ? mixture.share_high : 0; }
};

Fit fit(const Histogram& histogram) {
  Fit out;
  const double total = histogram.total();
  for (size_t b = kBins / 2; b < kBins; ++b) out.even_odds += histogram.counts[b] / total;
  if (out.even_odds == 0) return out;
  out.mixture = fit_mixture(histogram.centres, histogram.counts);
  out.apart = out.mixture.separation >= kApart && out.mixture.mean_high > 0;
  return out;
}

double poisson(double mean, Random& random) {
  if (mean > 30) return std::max(0.0, std::nearbyint(mean + std::sqrt(mean) * random.normal()));
  double product = random.uniform(), count = 0;
  for (const double limit = std::exp(-mean); product > limit; ++count) product *= random.uniform();
  return count;
}

Share bootstrap(const Histogram& histogram, const Fit& whole, uint64_t seed) {
  std::vector<double> values;
  for (uint64_t s = 0; s < kSamples; ++s) {
    Random random(seed, "noise-rate", s);
    Histogram sample;
    for (size_t b = 0; b < kBins; ++b)
      if (histogram.counts[b] > 0) sample.counts[b] = poisson(histogram.counts[b], random);
    if (sample.total() == 0) continue;
    const Fit drawn = fit(sample);
    values.push_back(drawn.even_odds);
    if (whole.apart && drawn.apart) values.push_back(drawn.mixture.share_high);
  }
  std::sort(values.begin(), values.end());
  Share out{whole.rate(), whole.rate(), whole.rate()};
  if (values.empty()) return out;
  const auto at = [&](double q) { return values[static_cast<size_t>(q * static_cast<double>(values.size() - 1))]; };
  out.low = std::min(out.value, at(0.025));
  out.high = std::max(out.value, at(0.975));
  // No error seen is no proof of none (the rule of three is the upper end of Wilson's interval, nearly).
  out.high = std::max(out.high, wilson(0, histogram.total()).high);
  return out;
}

void use_count(NoiseEstimate& out, const Combined& combined, int64_t counted) {
  const double n = static_cast<double>(out.rows);
  const auto above = [&](float bound) {
    return static_cast<double>(
        std::count_if(combined.wrong.begin(), combined.wrong.end(), [&](float wrong) { return wrong > bound; }));
  };
  out.method = "count of confident learning";
  out.rate.value = static_cast<double>(counted) / n;
  out.rate.low = std::min(out.rate.value, wilson(above(0.95f), n).low);
  out.rate.high = std::max(out.rate.value, wilson(above(0.5f), n).high);
}

std::string certainty(const NoiseEstimate& estimate) {
  const double n = static_cast<double>(estimate.rows);
  if (estimate.suspects == 0 && estimate.rate.high > wilson(0, n).high)
    return fmt::format(
        "the scores of {} rows show no separate group of wrong labels (separation {:.1f}), so no label is called "
        "wrong; "
        "with 95 % certainty at most {:.1f} % are, the most suspect first in the list",
        estimate.rows, estimate.separation, 100 * estimate.rate.high);
  if (estimate.suspects == 0)
    return fmt::format(
        "no wrong label is seen among {} rows; with 95 % certainty at most {:.2f} % are wrong, as far as "
        "the signals can tell",
        estimate.rows, 100 * estimate.rate.high);
  return fmt::format("about {:.0f} of {} labels are wrong: {:.1f} % (95 % interval {:.1f} to {:.1f})",
                     estimate.rate.value * n, estimate.rows, 100 * estimate.rate.value, 100 * estimate.rate.low,
                     100 * estimate.rate.high);
}

}  // namespace

std::vector<int64_t> suspicion_order(std::span<const float> wrong) {
  std::vector<int64_t> order(wrong.size());
  std::iota(order.begin(), order.end(), int64_t{0});
  std::sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    const float x = wrong[static_cast<size_t>(a)], y = wrong[static_cast<size_t>(b)];
    return x != y ? x > y : a < b;
  });
  return order;
}

NoiseEstimate estimate_noise(const Combined& combined, const GivenLabels& given, const KindEvidence& evidence,
                             uint64_t seed, int64_t counted) {
  const size_t n = given.labels.size();
  if (n == 0 || combined.wrong.size() != n)
    throw Error(ErrorCode::kShape, "[noise] one score a row and at least one row are required, got " +
                                       std::to_string(combined.wrong.size()) + " for " + std::to_string(n) + " rows");
  Histogram histogram;
  for (const float wrong : combined.wrong) histogram.add(log_odds(wrong));
  const Fit whole = fit(histogram);
  NoiseEstimate out;
  out.rows = static_cast<int64_t>(n);
  out.rate = bootstrap(histogram, whole, seed);
  out.separation = whole.mixture.separation;
  out.method = whole.apart ? "weight of the upper of two groups of scores" : "no separate group of doubted scores";
  if (counted >= 0) use_count(out, combined, counted);
  out.suspects = std::llround(out.rate.value * static_cast<double>(n));
  out.posterior.resize(n);
  double sum = 0;
  for (size_t i = 0; i < n; ++i) {
    out.posterior[i] = counted >= 0  ? (combined.wrong[i] > 0.5f ? 1 : 0)
                       : whole.apart ? whole.mixture.posterior(log_odds(combined.wrong[i]))
                                     : 0;
    sum += out.posterior[i];
  }
  if (sum > 0)
    for (auto& p : out.posterior) p = std::min(1.0, p * out.rate.value * static_cast<double>(n) / sum);
  detail::fill_breakdown(out, combined, given, evidence);
  out.certainty = certainty(out);
  return out;
}

}  // namespace winnow
