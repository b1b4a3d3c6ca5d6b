#include "losses/noise_tolerant.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace winnow {
namespace {

constexpr int64_t kCosineBins = 201;
constexpr double kEndMass = 0.005;
constexpr int64_t kSmoothing = 2;

double cosine_of(int64_t bin) { return 2.0 * static_cast<double>(bin) / (kCosineBins - 1) - 1; }

std::vector<double> smoothed(const std::vector<double>& histogram) {
  const auto bins = static_cast<int64_t>(histogram.size());
  std::vector<double> out(histogram.size());
  for (int64_t i = 0; i < bins; ++i) {
    const auto low = std::max<int64_t>(0, i - kSmoothing), high = std::min(bins - 1, i + kSmoothing);
    for (int64_t j = low; j <= high; ++j) out[static_cast<size_t>(i)] += histogram[static_cast<size_t>(j)];
    out[static_cast<size_t>(i)] /= static_cast<double>(high - low + 1);
  }
  return out;
}

/// The highest bin of [from, to], and one step towards it from where the peak stood.
int64_t moved_peak(const std::vector<double>& values, int64_t from, int64_t to, int64_t stood) {
  const auto best = std::max_element(values.begin() + from, values.begin() + to + 1) - values.begin();
  if (stood < 0) return best;
  return stood + (best > stood ? 1 : best < stood ? -1 : 0);
}

}  // namespace

void NoiseTolerantOptions::visit(OptionVisitor& v) {
  v.number("margin", margin, 0.0, 1.5, "angular margin in radians");
  v.integer("window", window, 1, 100000, "batches that the histogram of cosines reaches back");
  MarginOptions::visit(v);
}

NoiseTolerant::NoiseTolerant(const NoiseTolerantOptions& options, const LossContext& context)
    : MarginHead("noise_tolerant", options, context), options_(options) {
  ring_ = at::zeros({options.window, kCosineBins}, at::TensorOptions(at::kFloat));
  steps_ = at::zeros({}, at::TensorOptions(at::kLong));
  peaks_ = at::full({2}, -1, at::TensorOptions(at::kLong));
}

void NoiseTolerant::begin(const LossBatch& batch, const at::Tensor& cosine) {
  margin_ = options_.margin * ramp(batch);
  const auto own = cosine.gather(1, batch.labels.unsqueeze(1)).squeeze(1).to(at::kCPU, at::kDouble);
  const auto bins = ((own.clamp(-1.0, 1.0) + 1) * ((kCosineBins - 1) / 2.0)).round().to(at::kLong);
  pending_row_ = at::bincount(bins, {}, kCosineBins).to(at::kFloat);
  // The row this batch takes over belongs to the batch that leaves the window.
  const auto place = steps_.item<int64_t>() % options_.window;
  const auto total = (ring_.sum(0) - ring_[place] + pending_row_).to(at::kDouble).contiguous();
  read({total.data_ptr<double>(), total.data_ptr<double>() + kCosineBins});
}

void NoiseTolerant::read(const std::vector<double>& histogram) {
  const auto values = smoothed(histogram);
  double mass = 0;
  for (const double value : values) mass += value;
  std::vector<double> below(values.size());
  double sum = 0;
  for (size_t i = 0; i < values.size(); ++i) below[i] = (sum += values[i]) / mass;
  const auto bin_at = [&](double share) {
    return std::min<int64_t>(std::lower_bound(below.begin(), below.end(), share) - below.begin(), kCosineBins - 1);
  };
  const auto left = bin_at(kEndMass), right = bin_at(1 - kEndMass), middle = (left + right) / 2;
  left_end_ = cosine_of(left), right_end_ = cosine_of(right);
  left_peak_ = moved_peak(values, left, middle, peaks_[0].item<int64_t>());
  right_peak_ = moved_peak(values, middle, right, peaks_[1].item<int64_t>());
  const bool two_groups = left_peak_ < (kCosineBins - 1) / 2;
  rate_ = two_groups ? std::min(1.0, 2 * below[static_cast<size_t>(left_peak_)]) : 0.0;
}

at::Tensor NoiseTolerant::weights(const at::Tensor& cosine) const {
  const double done = std::clamp(right_end_, 0.0, 1.0);
  const double beta = 2 - 1 / (1 + std::exp(5 - 20 * done)) - 1 / (1 + std::exp(20 * done - 15));
  const double lt = cosine_of(left_peak_), rt = cosine_of(right_peak_);
  const double span = std::max(right_end_ - lt, 1e-3);
  const auto from_left = ((cosine - lt) / span).clamp(-5.0, 1.0);
  const auto easy = (at::log1p((10 * from_left).exp()) / std::log1p(std::exp(10.0))).clamp(0.0, 1.0);
  auto out = (1 - beta) * easy;
  if (done < 0.5) return out + beta;
  const double wide = std::max((right_end_ - rt) / 2.576, 1e-3), narrow = std::max((rt - left_end_) / 2.576, 1e-3);
  const auto distance = cosine - rt;
  const auto spread = at::where(distance > 0, at::full_like(distance, wide), at::full_like(distance, narrow));
  return out + beta * (-(distance * distance) / (2 * spread * spread)).exp();
}

at::Tensor NoiseTolerant::target_cosine(const at::Tensor& cosine, const at::Tensor&) const {
  return add_angle(cosine, margin_, true);
}

at::Tensor NoiseTolerant::row_values(const at::Tensor& cosine, const at::Tensor& labels,
                                     const at::Tensor& items) const {
  const auto own = cosine.detach().gather(1, labels.unsqueeze(1)).squeeze(1);
  return weights(own) * MarginHead::row_values(cosine, labels, items);
}

void NoiseTolerant::after_step(const LossBatch&, const Targets&) {
  if (!pending_row_.defined()) return;
  const at::NoGradGuard no_grad;
  ring_[steps_.item<int64_t>() % options_.window].copy_(pending_row_);
  steps_.add_(1);
  peaks_[0] = left_peak_;
  peaks_[1] = right_peak_;
  pending_row_ = at::Tensor();
}

}  // namespace winnow
