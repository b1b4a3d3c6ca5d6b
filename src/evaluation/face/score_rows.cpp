#include "src/evaluation/face/score_rows.h"

#include <algorithm>

#include "src/core/error.h"
#include "src/core/parallel.h"
#include "src/evaluation/score_kernel.h"

namespace winnow {
namespace {

constexpr int64_t kTile = 2048;  // gallery vectors: 1 MiB at 128 dimensions

void check(const VectorRows& v) {
  if (v.dim < 1 || v.rows < 0 || static_cast<int64_t>(v.values.size()) != v.rows * v.dim)
    throw Error(ErrorCode::kShape, "[face] vectors must be rows x dim, got " + std::to_string(v.values.size()) +
                                       " values for " + std::to_string(v.rows) + " x " + std::to_string(v.dim));
}

/// Scores of up to kernel.rows queries against packed panels.
class RowBlock {
 public:
  RowBlock(int64_t dim, int64_t columns)
      : kernel_(best_score_kernel()),
        dim_(dim),
        stride_((columns + kPanel - 1) / kPanel * kPanel),
        packed_(static_cast<size_t>(dim * kernel_.rows)),
        scores_(static_cast<size_t>(stride_ * kernel_.rows)) {}
  int rows() const { return kernel_.rows; }
  /// @param at  places of the queries' vectors, at most rows()
  void score(const std::vector<const float*>& at, const float* panels, int64_t columns) {
    std::fill(packed_.begin(), packed_.end(), 0.f);
    for (size_t m = 0; m < at.size(); ++m)
      for (int64_t k = 0; k < dim_; ++k) packed_[static_cast<size_t>(k * kernel_.rows) + m] = at[m][k];
    kernel_.tile(packed_.data(), panels, dim_, (columns + kPanel - 1) / kPanel, scores_.data(), stride_);
  }
  std::span<const float> row(size_t m, int64_t columns) const {
    return {scores_.data() + m * static_cast<size_t>(stride_), static_cast<size_t>(columns)};
  }

 private:
  const ScoreKernel& kernel_;
  int64_t dim_, stride_;
  std::vector<float> packed_, scores_;
};

}  // namespace

void for_each_score_row(const VectorRows& queries, const VectorRows& gallery, bool upper, const ScoreVisitor& visit) {
  check(queries);
  check(gallery);
  if (queries.dim != gallery.dim) throw Error(ErrorCode::kShape, "[face] both sides must have one dimension");
  const int64_t dim = gallery.dim;
  const int slots = thread_count();
  std::vector<float> panels(static_cast<size_t>((kTile + kPanel) * dim));
  for (int64_t first = 0; first < gallery.rows; first += kTile) {
    const int64_t columns = std::min(kTile, gallery.rows - first);
    pack_panels(gallery.values.data(), dim, nullptr, first, columns, panels.data());
    const int64_t last_query = upper ? std::min(queries.rows, first + columns) : queries.rows;
    const int rows = best_score_kernel().rows;
    const int64_t groups = (last_query + rows - 1) / rows;
    parallel_for(slots, [&](int64_t slot_begin, int64_t slot_end) {
      RowBlock block(dim, columns);
      std::vector<const float*> at;
      for (int64_t slot = slot_begin; slot < slot_end; ++slot)
        for (int64_t g = slot; g < groups; g += slots) {
          at.clear();
          const int64_t begin = g * rows, end = std::min<int64_t>(last_query, begin + rows);
          for (int64_t q = begin; q < end; ++q) at.push_back(queries.values.data() + q * dim);
          block.score(at, panels.data(), columns);
          for (int64_t q = begin; q < end; ++q) {
            const auto row = block.row(static_cast<size_t>(q - begin), columns);
            const int64_t skip = upper ? std::clamp<int64_t>(q + 1 - first, 0, columns) : 0;
            if (skip < columns) visit(static_cast<int>(slot), q, first + skip, row.subspan(static_cast<size_t>(skip)));
          }
        }
    });
  }
}

std::vector<float> score_block(const VectorRows& vectors, std::span<const int64_t> rows,
                               std::span<const int64_t> columns) {
  const auto n = static_cast<int64_t>(columns.size());
  std::vector<float> panels(static_cast<size_t>((n + kPanel) * vectors.dim)), out;
  out.reserve(rows.size() * columns.size());
  pack_panels(vectors.values.data(), vectors.dim, columns.data(), 0, n, panels.data());
  RowBlock block(vectors.dim, n);
  for (size_t begin = 0; begin < rows.size(); begin += static_cast<size_t>(block.rows())) {
    std::vector<const float*> at;
    for (size_t i = begin; i < std::min(rows.size(), begin + static_cast<size_t>(block.rows())); ++i)
      at.push_back(vectors.values.data() + rows[i] * vectors.dim);
    block.score(at, panels.data(), n);
    for (size_t m = 0; m < at.size(); ++m) {
      const auto row = block.row(m, n);
      out.insert(out.end(), row.begin(), row.end());
    }
  }
  return out;
}

}  // namespace winnow
