#include "src/training/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace winnow {
namespace {

constexpr double kOneCycleStart = 1.0 / 25.0;
constexpr double kOneCycleEnd = kOneCycleStart * 1e-4;
constexpr double kOneCycleRise = 0.3;

/// Half a cosine wave from `from` (t = 0) to `to` (t = 1).
double anneal(double from, double to, double t) {
  return to + (from - to) / 2.0 * (1.0 + std::cos(std::numbers::pi * t));
}

}  // namespace

Schedule::Schedule(const TrainingOptions& o, int64_t steps_per_epoch)
    : kind_(o.schedule),
      peak_(o.learning_rate),
      total_(static_cast<double>(o.epochs * steps_per_epoch)),
      warmup_(std::round(o.warmup_epochs * static_cast<double>(steps_per_epoch))),
      final_(o.final_factor),
      step_factor_(o.step_factor),
      power_(o.poly_power),
      rise_(o.warmup_epochs > 0 ? o.warmup_epochs / static_cast<double>(o.epochs) : kOneCycleRise) {
  for (const double epoch : o.step_epochs) step_starts_.push_back(epoch * static_cast<double>(steps_per_epoch));
}

double Schedule::one_cycle(double s) const {
  const double end = final_ > 0 ? final_ : kOneCycleEnd;
  const double top = rise_ * total_ - 1.0, last = total_ - 1.0;
  if (s <= top) return anneal(kOneCycleStart, 1.0, top > 0 ? s / top : 1.0);
  return anneal(1.0, end, last > top ? std::min(1.0, (s - top) / (last - top)) : 1.0);
}

double Schedule::factor(int64_t step) const {
  const auto s = static_cast<double>(step);
  if (kind_ == "one_cycle") return one_cycle(s);
  if (s < warmup_) return (s + 1.0) / warmup_;
  const double t = std::clamp((s - warmup_) / std::max(1.0, total_ - warmup_), 0.0, 1.0);
  if (kind_ == "cosine") return anneal(1.0, final_, t);
  if (kind_ == "poly") return final_ + (1.0 - final_) * std::pow(1.0 - t, power_);
  if (kind_ == "step") {
    const auto reached =
        std::count_if(step_starts_.begin(), step_starts_.end(), [&](double start) { return s >= start; });
    return std::pow(step_factor_, static_cast<double>(reached));
  }
  return 1.0;
}

}  // namespace winnow
