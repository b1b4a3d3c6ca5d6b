#include "src/evaluation/face/features.h"

#include <cmath>

#include "src/core/error.h"

namespace winnow {
namespace {

void check(const FaceFeatures& f, FlipMode flip) {
  const auto size = static_cast<size_t>(f.rows * f.dim);
  if (f.dim < 1 || f.plain.size() != size || (!f.mirrored.empty() && f.mirrored.size() != size))
    throw Error(ErrorCode::kShape, "[face] embeddings must be rows x dim, got " + std::to_string(f.plain.size()) +
                                       " and " + std::to_string(f.mirrored.size()) + " values for " +
                                       std::to_string(f.rows) + " x " + std::to_string(f.dim));
  if (flip != FlipMode::kNone && f.mirrored.empty())
    throw Error(ErrorCode::kShape, "[face] this flip mode needs embeddings of the mirrored pictures");
  for (const auto* values : {&f.plain, &f.mirrored})
    for (size_t i = 0; i < values->size(); ++i)
      if (!std::isfinite((*values)[i]))
        throw Error(ErrorCode::kNumeric, "[face] embeddings must be finite; row " +
                                             std::to_string(static_cast<int64_t>(i) / f.dim) + " is not");
}

}  // namespace

FlipMode flip_mode(const std::string& name) {
  if (name == "none") return FlipMode::kNone;
  if (name == "sum") return FlipMode::kSum;
  if (name == "concat") return FlipMode::kConcat;
  throw Error(ErrorCode::kUsage, "[face] flip is none, sum or concat, got '" + name + "'");
}

bool normalise(std::span<double> vector) {
  double sum = 0;
  for (const double v : vector) sum += v * v;
  if (sum <= 0) return false;
  const double scale = 1 / std::sqrt(sum);
  for (double& v : vector) v *= scale;
  return true;
}

std::vector<double> joined_views(const FaceFeatures& f, FlipMode flip, int64_t* dim) {
  check(f, flip);
  if (flip != FlipMode::kConcat) {
    std::vector<double> out(f.plain.begin(), f.plain.end());
    if (flip == FlipMode::kSum)
      for (size_t i = 0; i < out.size(); ++i) out[i] += static_cast<double>(f.mirrored[i]);
    *dim = f.dim;
    return out;
  }
  std::vector<double> out;
  out.reserve(2 * f.plain.size());
  for (int64_t r = 0; r < f.rows; ++r)
    for (const auto* values : {&f.plain, &f.mirrored})
      out.insert(out.end(), values->begin() + r * f.dim, values->begin() + (r + 1) * f.dim);
  *dim = 2 * f.dim;
  return out;
}

UnitVectors unit_vectors(const FaceFeatures& features, FlipMode flip) {
  UnitVectors out;
  out.rows = features.rows;
  out.values = joined_views(features, flip, &out.dim);
  out.failed.assign(static_cast<size_t>(out.rows), 0);
  for (int64_t r = 0; r < out.rows; ++r)
    if (!normalise({out.values.data() + r * out.dim, static_cast<size_t>(out.dim)})) {
      out.failed[static_cast<size_t>(r)] = 1;
      ++out.failures;
    }
  return out;
}

std::vector<double> pair_scores(const UnitVectors& vectors, std::span<const FacePair> pairs) {
  std::vector<double> out;
  out.reserve(pairs.size());
  for (const auto& p : pairs) {
    if (p.a < 0 || p.b < 0 || p.a >= vectors.rows || p.b >= vectors.rows)
      throw Error(ErrorCode::kShape, "[face] pairs must name rows below " + std::to_string(vectors.rows) + ", got " +
                                         std::to_string(p.a) + " and " + std::to_string(p.b));
    if (vectors.failed[static_cast<size_t>(p.a)] || vectors.failed[static_cast<size_t>(p.b)]) {
      out.push_back(-1);
      continue;
    }
    double sum = 0;
    const auto a = vectors.row(p.a), b = vectors.row(p.b);
    for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
    out.push_back(sum);
  }
  return out;
}

double mean_norm(const FaceFeatures& f) {
  double total = 0;
  int64_t count = 0;
  for (const auto* values : {&f.plain, &f.mirrored})
    for (size_t at = 0; at < values->size(); at += static_cast<size_t>(f.dim)) {
      double sum = 0;
      for (size_t i = at; i < at + static_cast<size_t>(f.dim); ++i)
        sum += static_cast<double>((*values)[i]) * static_cast<double>((*values)[i]);
      total += std::sqrt(sum);
      ++count;
    }
  return count == 0 ? 0 : total / static_cast<double>(count);
}

}  // namespace winnow
