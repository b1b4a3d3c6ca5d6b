#include "src/workflow/noise_neighbours.h"

#include <algorithm>

#include "src/core/error.h"
#include "src/core/parallel.h"
#include "src/core/progress.h"
#include "src/evaluation/score_kernel.h"

namespace winnow {
namespace {

constexpr int64_t kTile = 2048;

/// Sorted list of the best k, kept in the table's own memory.
void insert(float* cosines, int32_t* rows, int64_t k, float score, int32_t row) {
  int64_t at = k - 1;
  for (; at > 0 && (rows[at - 1] < 0 || cosines[at - 1] < score); --at) {
    cosines[at] = cosines[at - 1];
    rows[at] = rows[at - 1];
  }
  cosines[at] = score;
  rows[at] = row;
}

}  // namespace

NeighbourTable self_neighbours(const UnitVectors& vectors, int64_t k) {
  if (k < 1) throw Error(ErrorCode::kShape, "[neighbours] k of at least 1 is required, got " + std::to_string(k));
  const int64_t n = vectors.rows, dim = vectors.dim;
  NeighbourTable table{std::vector<int32_t>(static_cast<size_t>(n * k), -1),
                       std::vector<float>(static_cast<size_t>(n * k), -2), n, k};
  const ScoreKernel& kernel = best_score_kernel();
  const int64_t group = kernel.rows;
  Progress progress("neighbours", n, "rows");
  std::vector<float> panels(static_cast<size_t>((kTile + kPanel - 1) / kPanel * kPanel * dim));
  for (int64_t first = 0; first < n; first += kTile) {
    const int64_t count = std::min(kTile, n - first), blocks = (count + kPanel - 1) / kPanel, stride = blocks * kPanel;
    pack_panels(vectors.values.data(), dim, nullptr, first, count, panels.data());
    parallel_for(
        (n + group - 1) / group,
        [&](int64_t begin, int64_t end) {
          std::vector<float> queries(static_cast<size_t>(group * dim)), scores(static_cast<size_t>(group * stride));
          for (int64_t g = begin; g < end; ++g) {
            for (int64_t m = 0; m < group; ++m)
              for (int64_t d = 0; d < dim; ++d)
                queries[static_cast<size_t>(d * group + m)] = g * group + m < n ? vectors.row(g * group + m)[d] : 0;
            kernel.tile(queries.data(), panels.data(), dim, blocks, scores.data(), stride);
            for (int64_t m = 0; m < group && g * group + m < n; ++m) {
              const int64_t row = g * group + m;
              float* cosines = table.cosines.data() + row * k;
              int32_t* rows = table.rows.data() + row * k;
              const float* line = scores.data() + m * stride;
              for (int64_t j = 0; j < count; ++j)
                if (line[j] > cosines[k - 1] && first + j != row)
                  insert(cosines, rows, k, line[j], static_cast<int32_t>(first + j));
            }
          }
        },
        0, 4);
    progress.add(count);
  }
  return table;
}

}  // namespace winnow
