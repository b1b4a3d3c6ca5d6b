#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace winnow {

/// Gallery vectors are packed in panels of this many: panel[k * kPanel + j] = component k of vector j.
inline constexpr int kPanel = 16;
/// Vectors that `pairs` scores at once.
inline constexpr int kPairs = 8;
/// Known scores that `count` compares with at once; as many NaNs must stand behind the last one.
inline constexpr int kWindow = 8;
/// Scores in [-1, 1] fall into equal buckets, of which bucket 0 holds the best: 1600 << level of them, so that whole
/// numbers of buckets make one of the 100 histogram bins.
inline constexpr int kLeastBuckets = 1600, kBucketLevels = 6;
/// Fixed-point unit of `fixed_sum`: sums of integers do not depend on their order.
inline constexpr double kFixedUnit = 1073741824.0;

/// Inner products and the scans over them, compiled once an instruction set. Every score is a pure function of its two
/// vectors: float32 fused multiply-adds in the order of the components, in chunks of 128 that are then added up, so
/// that neither its place in a tile nor the width of the registers shows in its bits ("generic" on a machine without
/// FMA rounds each product as well). Thread-safe.
struct ScoreKernel {
  const char* name;
  int rows;  ///< queries a call: a[k * rows + m] = component k of query m
  /// c[m * stride + p * kPanel + j] = <query m, vector j of panel p>; panel p starts at b + p * dim * kPanel.
  void (*tile)(const float* a, const float* b, int64_t dim, int64_t panels, float* c, int64_t stride);
  /// out[i] = <q, rows[i]> of kPairs rows of `dim`, bit for bit as `tile` has it.
  void (*pairs)(const float* q, const float* const* rows, int64_t dim, float* out);
  /// out[i] = bucket of s[i] among `count`: count / 2 - 1 - floor(s count / 2), clamped. Monotone.
  void (*buckets)(const float* s, int64_t n, int count, uint16_t* out);
  /// Sum of the scores in units of 1 / kFixedUnit, each clamped to [-1.5, 1.5].
  int64_t (*fixed_sum)(const float* s, int64_t n);
  /// Counts every score in slots[first_slot[b] + c], where b is its bucket and c how many known scores of that bucket
  /// are above it. known: descending, those of bucket b from first_slot[b] - b on.
  /// @return how many scores equal a known one
  int64_t (*count)(const float* s, const uint16_t* bucket, int64_t n, const uint32_t* first_slot, const float* known,
                   uint16_t* slots);
  /// Those that equal a known score: equal[e] is their place in s, equal_to[e] the first such known score.
  /// @param n  at most 65,536; equal and equal_to hold n. @return number of equals
  int64_t (*equals)(const float* s, const uint16_t* bucket, int64_t n, const uint32_t* first_slot, const float* known,
                    uint16_t* equal, uint32_t* equal_to);
  int64_t (*count_at_least)(const float* s, int64_t n, float bound);
};

/// The widest kernel this CPU runs.
const ScoreKernel& best_score_kernel();
/// Every kernel this CPU runs, narrowest first.
std::vector<ScoreKernel> score_kernels();

/// Packs n rows (row i = vectors + rows[i] * dim, or first + i when `rows` is null) into ceil(n / kPanel) panels; the
/// rest of the last panel is zero.
void pack_panels(const float* vectors, int64_t dim, const int64_t* rows, int64_t first, int64_t n, float* out);

/// Packs queries (query i = vectors + rows[i] * dim) in groups of `per_call` for ScoreKernel::tile; the rest of the
/// last group is zero.
void pack_queries(const float* vectors, int64_t dim, std::span<const int64_t> rows, int per_call,
                  std::vector<float>& out);

}  // namespace winnow
