#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace winnow {

/// How the faces of a template become one vector (IJB-B/C; face.md 1.5). Spelt in words because the flags N, D and F of
/// the popular scripts change meaning between two files.
struct PoolingMode {
  bool keep_norm = true;        ///< false: each face is made unit length first
  bool detector_weight = true;  ///< each face is weighted by its detector score
  bool media_mean = true;       ///< faces of one medium (still, video) are averaged before the sum over media
  /// "keep norm, detector weight, media mean".
  std::string name() const;
};
/// All eight modes.
std::vector<PoolingMode> pooling_modes();

/// One face of a template; several lines may name one row.
struct TemplateFace {
  int64_t row = 0;  ///< of the embeddings
  int64_t template_id = 0, media_id = 0;
};

struct Templates {
  std::vector<int64_t> ids;    ///< ascending
  std::vector<float> vectors;  ///< [ids, dim], unit length; zero when every face failed
  int64_t dim = 0, failed_faces = 0;
  /// Position of an id, or -1.
  int64_t find(int64_t id) const;
};

/// Sums in float64 in the order of the list; no normalisation per medium; the template is made unit length.
/// @param embeddings  float32 [rows, dim], raw (their norm carries the quality in keep_norm mode)
/// @param score       detector scores by row; empty = 1
/// @throws Error(kShape) for a row out of range or sizes that disagree, Error(kNumeric) for a non-finite value
Templates pool_templates(std::span<const float> embeddings, int64_t dim, std::span<const TemplateFace> faces,
                         std::span<const float> score, const PoolingMode& mode);

}  // namespace winnow
