#include "losses/trust_schedule.h"

#include <algorithm>
#include <cmath>

namespace winnow {

void TrustSchedule::visit(OptionVisitor& v) {
  v.choice("schedule", schedule, {"exponential", "polynomial", "step"}, "how the trust in the given label decays");
  v.number("warmup", warmup, 0.0, 0.99, "share of training with full trust");
  v.number("half_life", half_life, 1e-4, 100.0, "exponential: share of training in which the trust halves");
  v.number("floor", floor, 0.0, 1.0, "trust at the end; from 0.5 on wrong labels are memorised");
  v.number("power", power, 0.01, 100.0, "polynomial: exponent, 1 = linear");
  v.numbers("step_at", step_at, 0.0, 1.0, "step: shares of training at which the trust changes");
  v.numbers("step_to", step_to, 0.0, 1.0, "step: the trust from each of them on");
}

std::vector<std::string> TrustSchedule::check() const {
  std::vector<std::string> faults;
  if (step_at.size() != step_to.size())
    faults.push_back("step_at and step_to must have the same length, got " + std::to_string(step_at.size()) + " and " +
                     std::to_string(step_to.size()));
  if (schedule == "step" && step_at.empty()) faults.push_back("schedule: step needs step_at and step_to");
  if (std::adjacent_find(step_at.begin(), step_at.end(), [](double a, double b) { return a >= b; }) != step_at.end())
    faults.push_back("step_at must increase");
  return faults;
}

double TrustSchedule::at(double progress) const {
  if (progress < warmup) return 1.0;
  if (schedule == "step") {
    double trust = 1.0;
    for (size_t k = 0; k < step_at.size() && progress >= step_at[k]; ++k) trust = step_to[k];
    return trust;
  }
  const double since = progress - warmup;
  const double left = schedule == "exponential" ? std::pow(0.5, since / half_life)
                                                : std::pow(std::max(0.0, 1.0 - since / (1.0 - warmup)), power);
  return floor + (1.0 - floor) * left;
}

}  // namespace winnow
