#include "src/evaluation/face/template_pool.h"

#include <algorithm>
#include <cmath>

#include "src/core/error.h"
#include "src/evaluation/face/features.h"

namespace winnow {
namespace {

std::vector<size_t> by_template_and_medium(std::span<const TemplateFace> faces) {
  std::vector<size_t> order(faces.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return std::pair(faces[a].template_id, faces[a].media_id) < std::pair(faces[b].template_id, faces[b].media_id);
  });
  return order;
}

/// Adds one face to a sum. @return false for a failed extraction (zero vector)
bool add_face(std::span<const float> embedding, double weight, bool keep_norm, std::vector<double>& sum) {
  double squares = 0;
  for (const float v : embedding) squares += static_cast<double>(v) * static_cast<double>(v);
  if (!std::isfinite(squares)) throw Error(ErrorCode::kNumeric, "[templates] an embedding is not finite");
  if (squares <= 0) return false;
  if (!keep_norm) weight /= std::sqrt(squares);
  for (size_t i = 0; i < embedding.size(); ++i) sum[i] += weight * static_cast<double>(embedding[i]);
  return true;
}

}  // namespace

std::string PoolingMode::name() const {
  return std::string(keep_norm ? "keep norm" : "unit first") + (detector_weight ? ", detector weight" : ", no weight") +
         (media_mean ? ", media mean" : ", no media grouping");
}

std::vector<PoolingMode> pooling_modes() {
  std::vector<PoolingMode> out;
  for (const bool keep : {true, false})
    for (const bool weight : {true, false})
      for (const bool media : {true, false}) out.push_back({keep, weight, media});
  return out;
}

int64_t Templates::find(int64_t id) const {
  const auto at = std::lower_bound(ids.begin(), ids.end(), id);
  return at != ids.end() && *at == id ? at - ids.begin() : -1;
}

Templates pool_templates(std::span<const float> embeddings, int64_t dim, std::span<const TemplateFace> faces,
                         std::span<const float> score, const PoolingMode& mode) {
  const int64_t rows = dim > 0 ? static_cast<int64_t>(embeddings.size()) / dim : 0;
  if (dim < 1 || static_cast<int64_t>(embeddings.size()) != rows * dim ||
      (!score.empty() && static_cast<int64_t>(score.size()) != rows))
    throw Error(ErrorCode::kShape, "[templates] embeddings must be rows x dim with one detector score a row");
  Templates out;
  out.dim = dim;
  const auto order = by_template_and_medium(faces);
  std::vector<double> total(static_cast<size_t>(dim)), medium(static_cast<size_t>(dim));
  for (size_t i = 0; i < order.size();) {
    const int64_t id = faces[order[i]].template_id;
    std::fill(total.begin(), total.end(), 0.0);
    while (i < order.size() && faces[order[i]].template_id == id) {
      const int64_t media = faces[order[i]].media_id;
      std::fill(medium.begin(), medium.end(), 0.0);
      int64_t count = 0;
      for (; i < order.size() && faces[order[i]].template_id == id && faces[order[i]].media_id == media; ++i) {
        const int64_t row = faces[order[i]].row;
        if (row < 0 || row >= rows)
          throw Error(ErrorCode::kShape,
                      "[templates] a face names row " + std::to_string(row) + " of " + std::to_string(rows));
        const double weight =
            mode.detector_weight && !score.empty() ? static_cast<double>(score[static_cast<size_t>(row)]) : 1;
        const bool ok = add_face(embeddings.subspan(static_cast<size_t>(row * dim), static_cast<size_t>(dim)), weight,
                                 mode.keep_norm, medium);
        out.failed_faces += !ok;
        ++count;
      }
      const double share = mode.media_mean ? 1.0 / static_cast<double>(count) : 1.0;
      for (size_t d = 0; d < total.size(); ++d) total[d] += share * medium[d];
    }
    normalise(total);
    out.ids.push_back(id);
    out.vectors.insert(out.vectors.end(), total.begin(), total.end());
  }
  return out;
}

}  // namespace winnow
