#include "src/labels/probabilities.h"

#include <cmath>
#include <cstring>

#include "src/core/error.h"

namespace winnow {
namespace {

// Four lanes: the width that every processor of today has in its base instruction set.
typedef float Lanes __attribute__((vector_size(16)));
typedef int32_t Counts __attribute__((vector_size(16)));

[[noreturn]] void bad_row(int64_t row, const std::string& what) {
  throw Error(ErrorCode::kData, "[probabilities] row " + std::to_string(row) + ": " + what);
}

// The first class with p >= cut; `step` 0 compares all with the one value at `cut`.
template <int step>
int32_t first_at_least(const float* p, const float* cut, int64_t classes) {
  int64_t j = 0;
  for (; j + 4 <= classes; j += 4) {
    Lanes v, c;
    std::memcpy(&v, p + j, sizeof v);
    if constexpr (step == 0)
      c = Lanes{} + *cut;
    else
      std::memcpy(&c, cut + j, sizeof c);
    const Counts hit = v >= c;
    int64_t halves[2];
    std::memcpy(halves, &hit, sizeof halves);
    if ((halves[0] | halves[1]) != 0) break;
  }
  for (; j < classes; ++j)
    if (p[j] >= cut[step * j]) return static_cast<int32_t>(j);
  return 0;  // only where nothing compares: a row of NaN, refused by check_row
}

}  // namespace

RowFacts scan_row(const float* p, const float* cut, int64_t classes) {
  RowFacts facts;
  facts.largest = facts.least = p[0];
  int64_t j = 0;
  int32_t above = 0;
  if (classes >= 4) {
    Lanes top, low, sum = {};
    Counts count = {};
    std::memcpy(&top, p, sizeof top);
    low = top;
    for (; j + 4 <= classes; j += 4) {
      Lanes v, c;
      std::memcpy(&v, p + j, sizeof v);
      std::memcpy(&c, cut + j, sizeof c);
      top = v > top ? v : top;
      low = v < low ? v : low;
      sum += v;
      count -= v >= c;  // a true lane is -1
    }
    for (int l = 0; l < 4; ++l) {
      facts.largest = top[l] > facts.largest ? top[l] : facts.largest;
      facts.least = low[l] < facts.least ? low[l] : facts.least;
      facts.sum += sum[l];
      above += count[l];
    }
  }
  for (; j < classes; ++j) {
    facts.largest = p[j] > facts.largest ? p[j] : facts.largest;
    facts.least = p[j] < facts.least ? p[j] : facts.least;
    facts.sum += p[j];
    above += p[j] >= cut[j] ? 1 : 0;
  }
  facts.predicted = first_at_least<0>(p, &facts.largest, classes);
  if (above == 1) facts.confident = first_at_least<1>(p, cut, classes);
  if (above > 1) facts.confident = facts.predicted;
  return facts;
}

void check_shapes(const Probabilities& probabilities, std::span<const int64_t> labels) {
  const int64_t n = probabilities.rows, c = probabilities.classes;
  if (n < 1 || c < 1)
    throw Error(ErrorCode::kShape, "[probabilities] at least one row and one class are required, got " +
                                       std::to_string(n) + " x " + std::to_string(c));
  if (static_cast<int64_t>(probabilities.values.size()) != n * c)
    throw Error(ErrorCode::kShape, "[probabilities] " + std::to_string(n) + " x " + std::to_string(c) +
                                       " values are required, got " + std::to_string(probabilities.values.size()));
  if (static_cast<int64_t>(labels.size()) != n)
    throw Error(ErrorCode::kShape, "[probabilities] one label a row is required, got " + std::to_string(labels.size()) +
                                       " labels for " + std::to_string(n) + " rows");
  for (int64_t i = 0; i < n; ++i)
    if (labels[static_cast<size_t>(i)] < 0 || labels[static_cast<size_t>(i)] >= c)
      bad_row(i, "the label must be in 0.." + std::to_string(c - 1) + ", got " +
                     std::to_string(labels[static_cast<size_t>(i)]));
}

void check_row(const RowFacts& facts, int64_t row) {
  if (!std::isfinite(facts.sum)) bad_row(row, "finite values are required");
  if (facts.least < 0) bad_row(row, "no value may be negative, got " + std::to_string(facts.least));
  if (std::abs(facts.sum - 1.0f) > 1e-3f)
    bad_row(row, "the values must sum to 1, got " + std::to_string(facts.sum) + " (logits need a softmax first)");
}

}  // namespace winnow
