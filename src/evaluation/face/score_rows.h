#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace winnow {

/// Float32 vectors of one side, [rows, dim].
struct VectorRows {
  std::span<const float> values;
  int64_t rows = 0, dim = 0;
};

/// Scores of query `query` against gallery rows first, first + 1, ...; `slot` < thread_count() names the thread's own
/// state. Calls of one query come in the order of the gallery, from one thread at a time; different queries
/// concurrently.
using ScoreVisitor = std::function<void(int slot, int64_t query, int64_t first, std::span<const float> scores)>;

/// All inner products, streamed in tiles (a tile of gallery vectors is packed at a time; no Q x N matrix). Each score
/// is a pure function of its two vectors (score_kernel.h).
/// @param upper  queries and gallery are one set: only scores of pairs query < gallery row are visited
/// @throws Error(kShape) when sizes disagree
void for_each_score_row(const VectorRows& queries, const VectorRows& gallery, bool upper, const ScoreVisitor& visit);

/// The same scores for a few named rows: out[i * columns.size() + j] = <rows[i], columns[j]>.
std::vector<float> score_block(const VectorRows& vectors, std::span<const int64_t> rows,
                               std::span<const int64_t> columns);

}  // namespace winnow
