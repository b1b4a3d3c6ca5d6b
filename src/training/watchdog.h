#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

namespace winnow {

/// Mean of 1 - cosine over the pairs of a batch. @param z float [B, D], unit rows; B >= 2. 0 = all the same
double mean_pair_distance(const at::Tensor& z);

/// exp of the entropy of the covariance's normalised eigenvalues: between 1 (a line) and D (all directions alike).
/// @param z float [M, D], M >= 2
double effective_rank(const at::Tensor& z);

/// Stops a training whose embeddings have fallen into one point.
class CollapseWatch {
 public:
  /// Steps in a row under the limit that count as collapse.
  static constexpr int64_t kPatience = 20;

  /// @param first_step  steps before it are not judged: at the start all embeddings are close
  CollapseWatch(double limit, int64_t first_step) : limit_(limit), first_step_(first_step) {}
  /// @return true when the last kPatience steps all lay under the limit
  bool collapsed(int64_t step, double distance);
  int64_t streak() const { return streak_; }
  void set_streak(int64_t streak) { streak_ = streak; }

 private:
  double limit_;
  int64_t first_step_, streak_ = 0;
};

/// Where training was when something went wrong.
struct StepPlace {
  int64_t epoch = 0, step = 0;  ///< 0-based
  std::vector<int64_t> rows;    ///< manifest rows
  double learning_rate = 0;
};

/// @throws Error(kNumeric) `[train] epoch E, step S: loss is nan for manifest rows ...` with the likely cause
[[noreturn]] void fail_non_finite(const StepPlace& place, double loss);

/// @throws Error(kNumeric) with a diagnosis and a setting to change
/// @param rewrites  name of the target policy when it replaces labels, else empty
[[noreturn]] void fail_collapsed(const StepPlace& place, double distance, double limit, const std::string& rewrites);

}  // namespace winnow
