#pragma once

#include <string>
#include <vector>

#include "src/config/options.h"

namespace winnow {

/// P(t): how far the given label is trusted at share t of the training (losses.md 1.2).
///   1                                                          t < warmup
///   floor + (1 - floor) 0.5^((t - warmup) / half_life)          exponential
///   floor + (1 - floor) (1 - (t - warmup)/(1 - warmup))^power   polynomial
///   step_to[k] on [step_at[k], step_at[k+1]), 1 before          step
/// A label that is wrong is memorised for as long as P > 0.5.
struct TrustSchedule : Options {
  std::string schedule = "exponential";
  double warmup = 0.04, half_life = 0.2, floor = 0.0, power = 1.0;
  std::vector<double> step_at, step_to;
  void visit(OptionVisitor& v) override;
  std::vector<std::string> check() const override;
  /// @param progress  share of the training, [0, 1]
  /// @return P in [0, 1]
  double at(double progress) const;
};

}  // namespace winnow
