#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace winnow {

/// Class probabilities of every row, row-major float32 [N, C]; memory-mapped files are read in place.
struct Probabilities {
  std::span<const float> values;
  int64_t rows = 0, classes = 0;
  const float* row(int64_t i) const { return values.data() + i * classes; }
};

/// What one pass over a row tells.
struct RowFacts {
  float largest = 0;         ///< max over classes
  int32_t predicted = 0;     ///< first class with the largest value
  int32_t confident = -1;    ///< the class the row confidently belongs to (see ConfidentCounts), -1 = none
  float sum = 0, least = 0;  ///< for the checks
};

/// Facts of one row of C values. @param cut  C values: a class counts as confident at p >= cut
RowFacts scan_row(const float* p, const float* cut, int64_t classes);

/// N labels in [0, C), N >= 1, C >= 1, values of N * C. @throws Error(kShape | kData) naming the first wrong row
void check_shapes(const Probabilities& probabilities, std::span<const int64_t> labels);

/// Probabilities are finite, not negative and sum to 1 within 1e-3. @throws Error(kData) naming the row
void check_row(const RowFacts& facts, int64_t row);

/// Sum in the order NumPy adds contiguous arrays (pairwise blocks of 128 with eight running sums), so that thresholds
/// agree bit for bit with programs built on it.
template <typename T>
T pairwise_sum(const T* a, int64_t n) {
  if (n < 8) {
    T sum = 0;
    for (int64_t i = 0; i < n; ++i) sum += a[i];
    return sum;
  }
  if (n > 128) {
    const int64_t half = n / 2 - (n / 2) % 8;
    return pairwise_sum(a, half) + pairwise_sum(a + half, n - half);
  }
  T r[8];
  for (int l = 0; l < 8; ++l) r[l] = a[l];
  int64_t i = 8;
  for (; i + 8 <= n; i += 8)
    for (int l = 0; l < 8; ++l) r[l] += a[i + l];
  T sum = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));
  for (; i < n; ++i) sum += a[i];
  return sum;
}

}  // namespace winnow
