#pragma once

#include <cstdint>

#include "src/training/config.h"

namespace winnow {

/// Learning rate as a share of the peak, by optimizer step. A pure function of the step, so that a resumed run needs no
/// state. T = epochs * steps_per_epoch, W = warm-up steps, f = final_factor, t = (s - W) / (T - W):
///   s < W      (s + 1) / W
///   constant   1
///   cosine     f + (1 - f) (1 + cos(pi t)) / 2     torch's CosineAnnealingLR with T_max = T when W = 0
///   step       step_factor ^ (number of step_epochs reached)
///   poly       f + (1 - f) (1 - t)^poly_power
///   one_cycle  torch's OneCycleLR, cosine, start 1/25, end 1/250000 (or f), rise of 30 % or warmup_epochs
class Schedule {
 public:
  /// @param steps_per_epoch >= 1
  Schedule(const TrainingOptions& options, int64_t steps_per_epoch);
  /// @param step 0-based
  double factor(int64_t step) const;
  /// factor(step) times the peak learning rate.
  double rate(int64_t step) const { return peak_ * factor(step); }

 private:
  double one_cycle(double step) const;

  std::string kind_;
  double peak_, total_, warmup_, final_, step_factor_, power_, rise_;
  std::vector<double> step_starts_;
};

}  // namespace winnow
