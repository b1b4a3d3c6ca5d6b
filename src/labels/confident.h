#pragma once

#include <string>
#include <string_view>

#include "src/labels/probabilities.h"

namespace winnow {

/// Confident learning: counts of (given label, likely true label) from out-of-fold probabilities. A row belongs
/// confidently to class k when p_k >= mean of p_k over the rows labelled k, less 1e-6; of several such classes the most
/// probable. Northcutt, Jiang, Chuang: Confident Learning, JAIR 2021, section 3; the small constants and the arithmetic
/// (float32, NumPy's order of additions) are those of cleanlab 2.9, so that counts agree with it exactly.
struct ConfidentCounts {
  int64_t classes = 0;
  std::vector<float> thresholds;    ///< C; 2 for a class without a row
  std::vector<int64_t> class_rows;  ///< C: rows by given label
  std::vector<int64_t> joint;       ///< C x C [given, true]: confident rows; the diagonal is at least 1
  std::vector<int64_t> calibrated;  ///< C x C: the joint scaled to class_rows, whole numbers, row sums kept
  std::vector<int32_t> confident;   ///< N: class the row confidently belongs to, -1 = none
  std::vector<int32_t> predicted;   ///< N: most probable class
  std::vector<char> agrees;         ///< N: the given label is the most probable within 1e-6
  std::vector<float> self;          ///< N: probability of the given label
};

/// Two passes over the table; memory beside it is about 20 bytes a row. Same result for every thread count.
/// @throws Error(kShape | kData) for labels out of range, values not finite, negative or not summing to one
ConfidentCounts count_confident(const Probabilities& probabilities, std::span<const int64_t> labels);

/// The ways to cut, by cleanlab's names: prune_by_noise_rate, prune_by_class, both, confident_learning,
/// predicted_neq_given, low_self_confidence, low_normalized_margin.
const std::vector<std::string>& confident_filters();

/// One flag a row: the label is likely wrong. Equal values are taken in order of the row number.
/// @throws Error(kUsage) for an unknown filter, with the nearest name
std::vector<char> find_label_errors(const Probabilities& probabilities, std::span<const int64_t> labels,
                                    const ConfidentCounts& counts, std::string_view filter);

/// p(given) - max p(other), moved into [0, 1]: (d + 1) / 2; low is suspect. N values; one class: all 1.
std::vector<float> normalized_margin(const Probabilities& probabilities, std::span<const int64_t> labels);

/// Scales a joint to the row sums `class_rows` and rounds to whole numbers that keep them. C x C [given, true].
std::vector<int64_t> calibrate_joint(std::span<const int64_t> joint, std::span<const int64_t> class_rows);

}  // namespace winnow
