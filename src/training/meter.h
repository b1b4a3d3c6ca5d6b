#pragma once

#include <ATen/core/Tensor.h>

#include <deque>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "src/training/step.h"
#include "src/training/trainer.h"

namespace winnow {

/// Sums of an epoch. A checkpoint in mid-epoch saves it, so that a resumed epoch reports what an unbroken one does.
class EpochMeter {
 public:
  /// Embeddings of the epoch's last pictures, for the effective rank.
  static constexpr int64_t kSample = 512;

  void add(const StepReport& report);
  void add_time(double seconds, double waited);
  int64_t images() const { return images_; }
  double mean_loss() const { return steps_ > 0 ? loss_ / static_cast<double>(steps_) : 0; }
  /// Fills loss, learning rate, speed, distance, rank and log.
  void fill(EpochReport& report) const;

  nlohmann::json numbers() const;
  /// float [<= kSample, D]; undefined before the first step
  at::Tensor sample() const;
  void restore(const nlohmann::json& numbers, const at::Tensor& sample);

 private:
  double loss_ = 0, distance_ = 0, learning_rate_ = 0, seconds_ = 0, waited_ = 0;
  int64_t steps_ = 0, images_ = 0;
  std::map<std::string, Ratio> log_;
  std::deque<at::Tensor> recent_;
  int64_t recent_rows_ = 0;
};

}  // namespace winnow
