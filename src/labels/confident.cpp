#include "src/labels/confident.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "src/core/error.h"
#include "src/core/parallel.h"

namespace winnow {
namespace {

constexpr float kMissing = 2.0f;  // no probability reaches it
constexpr int64_t kBlock = 4096;

std::vector<float> class_thresholds(const ConfidentCounts& counts, std::span<const int64_t> labels) {
  std::vector<int64_t> at(counts.class_rows.size(), 0);
  for (size_t k = 1; k < at.size(); ++k) at[k] = at[k - 1] + counts.class_rows[k - 1];
  std::vector<float> grouped(labels.size()), thresholds;
  for (size_t i = 0; i < labels.size(); ++i)
    grouped[static_cast<size_t>(at[static_cast<size_t>(labels[i])]++)] = counts.self[i];
  const float* values = grouped.data();
  for (const int64_t n : counts.class_rows) {
    const float mean =
        n == 0 ? kMissing : static_cast<float>(static_cast<double>(pairwise_sum(values, n)) / static_cast<double>(n));
    thresholds.push_back(std::max(mean, 2e-6f));
    values += n;
  }
  return thresholds;
}

// The given label gets 1e-6 on top: does it then come first?
bool label_agrees(const RowFacts& facts, float self, int64_t label) {
  if (facts.predicted == label) return true;
  const float raised = self + 1e-6f;
  return facts.largest < raised || (facts.largest == raised && label < facts.predicted);
}

// Rounds to whole numbers with the same (rounded) sum; the numbers furthest from their rounding move first,
// of equal ones the last goes up and the first goes down (NumPy's choice among equals depends on the processor).
void round_keeping_sum(std::span<const double> values, std::span<int64_t> out) {
  const size_t n = values.size();
  std::vector<double> whole(n), off(n);
  double total = 0;
  for (size_t i = 0; i < n; ++i) {
    whole[i] = std::nearbyint(values[i]);
    total += whole[i];
  }
  const double wanted = std::nearbyint(pairwise_sum(values.data(), static_cast<int64_t>(n)));
  while (std::abs(total - wanted) > 0.5) {
    const double step = total < wanted ? 1 : -1;
    for (size_t i = 0; i < n; ++i) off[i] = values[i] - whole[i];
    std::vector<size_t> order(n);
    std::iota(order.begin(), order.end(), size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return off[a] < off[b]; });
    if (step > 0) std::reverse(order.begin(), order.end());
    const auto changes = std::min(n, static_cast<size_t>(std::abs(wanted - total)));
    for (size_t i = 0; i < changes; ++i) whole[order[i]] += step;
    total += step * static_cast<double>(changes);
  }
  for (size_t i = 0; i < n; ++i) out[i] = static_cast<int64_t>(whole[i]);
}

void count_joint(ConfidentCounts& counts, std::span<const int64_t> labels) {
  const auto c = static_cast<size_t>(counts.classes);
  counts.joint.assign(c * c, 0);
  for (size_t i = 0; i < labels.size(); ++i)
    if (counts.confident[i] >= 0)
      ++counts.joint[static_cast<size_t>(labels[i]) * c + static_cast<size_t>(counts.confident[i])];
  for (size_t k = 0; k < c; ++k) counts.joint[k * c + k] = std::max<int64_t>(counts.joint[k * c + k], 1);
}

}  // namespace

std::vector<int64_t> calibrate_joint(std::span<const int64_t> joint, std::span<const int64_t> class_rows) {
  const size_t c = class_rows.size();
  // Stored [true, given], the order in which the total is added up.
  std::vector<double> scaled(c * c), row(c);
  for (size_t i = 0; i < c; ++i) {
    int64_t sum = 0;
    for (size_t j = 0; j < c; ++j) sum += joint[i * c + j];
    const double divisor = std::max(static_cast<double>(sum), 1e-100);
    for (size_t j = 0; j < c; ++j)
      scaled[j * c + i] = static_cast<double>(joint[i * c + j]) / divisor * static_cast<double>(class_rows[i]);
  }
  const double total = std::max(pairwise_sum(scaled.data(), static_cast<int64_t>(c * c)), 1e-100);
  const auto rows = static_cast<double>(std::accumulate(class_rows.begin(), class_rows.end(), int64_t{0}));
  std::vector<int64_t> out(c * c);
  for (size_t i = 0; i < c; ++i) {
    for (size_t j = 0; j < c; ++j) row[j] = scaled[j * c + i] / total * rows;
    round_keeping_sum(row, std::span(out).subspan(i * c, c));
  }
  return out;
}

ConfidentCounts count_confident(const Probabilities& probabilities, std::span<const int64_t> labels) {
  check_shapes(probabilities, labels);
  const auto n = static_cast<size_t>(probabilities.rows);
  ConfidentCounts counts;
  counts.classes = probabilities.classes;
  counts.class_rows.assign(static_cast<size_t>(counts.classes), 0);
  for (const int64_t label : labels) ++counts.class_rows[static_cast<size_t>(label)];
  counts.self.resize(n);
  parallel_for(
      probabilities.rows,
      [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i)
          counts.self[static_cast<size_t>(i)] = probabilities.row(i)[labels[static_cast<size_t>(i)]];
      },
      0, kBlock);
  counts.thresholds = class_thresholds(counts, labels);
  std::vector<float> cut(counts.thresholds);
  for (auto& value : cut) value -= 1e-6f;
  counts.confident.resize(n);
  counts.predicted.resize(n);
  counts.agrees.resize(n);
  parallel_for(
      probabilities.rows,
      [&](int64_t begin, int64_t end) {
        for (int64_t row = begin; row < end; ++row) {
          const auto i = static_cast<size_t>(row);
          const RowFacts facts = scan_row(probabilities.row(row), cut.data(), counts.classes);
          check_row(facts, row);
          counts.confident[i] = facts.confident;
          counts.predicted[i] = facts.predicted;
          counts.agrees[i] = label_agrees(facts, counts.self[i], labels[i]) ? 1 : 0;
        }
      },
      0, kBlock);
  count_joint(counts, labels);
  counts.calibrated = calibrate_joint(counts.joint, counts.class_rows);
  return counts;
}

std::vector<float> normalized_margin(const Probabilities& probabilities, std::span<const int64_t> labels) {
  check_shapes(probabilities, labels);
  std::vector<float> out(labels.size(), 1.0f);
  if (probabilities.classes == 1) return out;
  parallel_for(
      probabilities.rows,
      [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
          const float* p = probabilities.row(i);
          const int64_t label = labels[static_cast<size_t>(i)];
          float other = -std::numeric_limits<float>::infinity();
          for (int64_t j = 0; j < probabilities.classes; ++j)
            if (j != label && p[j] > other) other = p[j];
          out[static_cast<size_t>(i)] = (p[label] - other + 1) / 2;
        }
      },
      0, kBlock);
  return out;
}

}  // namespace winnow
