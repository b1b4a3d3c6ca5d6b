#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace winnow {

/// One line of a verification protocol: rows of two pictures, whether they show one person, the fold it belongs to.
struct FacePair {
  int64_t a = 0, b = 0;
  bool same = false;
  int fold = 0;
};

/// Raw embeddings of pictures and, where they were made, of their mirrored views; float32 [rows, dim], row-major.
struct FaceFeatures {
  std::vector<float> plain, mirrored;  ///< `mirrored` is empty or as large as `plain`
  int64_t rows = 0, dim = 0;
};

/// How the two views become one vector, before normalisation (face.md 7, rule 6).
enum class FlipMode { kNone, kSum, kConcat };
/// @throws Error(kUsage) for anything but none, sum, concat
FlipMode flip_mode(const std::string& name);

/// Unit vectors in float64. A zero vector is a failed extraction: it stays zero and is marked.
struct UnitVectors {
  std::vector<double> values;  ///< [rows, dim]
  int64_t rows = 0, dim = 0;
  std::vector<char> failed;  ///< [rows]
  int64_t failures = 0;
  std::span<const double> row(int64_t i) const { return {values.data() + i * dim, static_cast<size_t>(dim)}; }
};

/// @throws Error(kShape) when sizes disagree or kSum / kConcat lack mirrored views, Error(kNumeric) naming the row of a
/// NaN or infinite value
UnitVectors unit_vectors(const FaceFeatures& features, FlipMode flip);
/// The same before normalisation (for mean removal). @throws as above
std::vector<double> joined_views(const FaceFeatures& features, FlipMode flip, int64_t* dim);
/// Scales a vector to length 1. @return false (and leaves it) when it is zero
bool normalise(std::span<double> vector);

/// Cosine of each pair; -1 where a side failed. @throws Error(kShape) for a row out of range
std::vector<double> pair_scores(const UnitVectors& vectors, std::span<const FacePair> pairs);
/// Mean norm of the raw embeddings over both views (insightface's XNorm: above 200 on one set and 20 on another means
/// that an input is broken).
double mean_norm(const FaceFeatures& features);

}  // namespace winnow
