#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <random>
#include <vector>

#include "src/evaluation/retrieval.h"

namespace winnow::test {

/// Owns what a VectorSet points to.
struct Rows {
  int64_t dim = 0;
  std::vector<float> vectors;
  std::vector<int64_t> labels, ids;

  VectorSet view() const { return {vectors, static_cast<int64_t>(labels.size()), dim, labels, ids}; }
  Rows permuted(const std::vector<size_t>& order) const {
    Rows out{dim, {}, {}, {}};
    for (const size_t i : order) {
      out.vectors.insert(out.vectors.end(), vectors.begin() + i * dim, vectors.begin() + (i + 1) * dim);
      out.labels.push_back(labels[i]);
      out.ids.push_back(ids[i]);
    }
    return out;
  }
};

/// Components are multiples of 1/8 in [-3/8, 3/8], so every inner product is exact in float and ties are plentiful.
/// Labels -1 .. classes - 1; ids scattered and in no order.
inline Rows random_rows(uint64_t seed, int64_t rows, int64_t dim, int64_t classes) {
  std::mt19937_64 random(seed);
  Rows out{dim, {}, {}, {}};
  for (int64_t i = 0; i < rows * dim; ++i) out.vectors.push_back((static_cast<float>(random() % 7) - 3.0f) / 8.0f);
  for (int64_t i = 0; i < rows; ++i) {
    out.labels.push_back(static_cast<int64_t>(random() % (classes + 1)) - 1);
    out.ids.push_back(i * 7 + 3);
  }
  std::shuffle(out.ids.begin(), out.ids.end(), random);
  return out;
}

/// Unit vectors scattered round their class centre; no ties in practice.
inline Rows clustered_rows(uint64_t seed, int64_t rows, int64_t dim, int64_t classes, float spread) {
  std::mt19937_64 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> centres(static_cast<size_t>(classes * dim));
  for (auto& c : centres) c = normal(random);
  Rows out{dim, std::vector<float>(static_cast<size_t>(rows * dim)), {}, {}};
  for (int64_t i = 0; i < rows; ++i) {
    const auto label = static_cast<int64_t>(random() % classes);
    float* v = out.vectors.data() + i * dim;
    double norm = 0;
    for (int64_t k = 0; k < dim; ++k) {
      v[k] = centres[label * dim + k] + spread * normal(random);
      norm += double(v[k]) * v[k];
    }
    for (int64_t k = 0; k < dim; ++k) v[k] /= static_cast<float>(std::sqrt(norm));
    out.labels.push_back(label);
    out.ids.push_back(i);
  }
  return out;
}

/// Points on a line searched by distance: <(2x, -1, -x^2), (y, y^2, 1)> = -(x - y)^2.
struct LineSets {
  Rows queries, gallery;
};
inline LineSets line_points(const std::vector<float>& x, const std::vector<int64_t>& labels) {
  LineSets out;
  out.queries.dim = out.gallery.dim = 3;
  for (const float v : x) {
    for (const float c : {2 * v, -1.0f, -v * v}) out.queries.vectors.push_back(c);
    for (const float c : {v, v * v, 1.0f}) out.gallery.vectors.push_back(c);
  }
  out.queries.labels = out.gallery.labels = labels;
  out.queries.ids.resize(x.size());
  std::iota(out.queries.ids.begin(), out.queries.ids.end(), 0);
  out.gallery.ids = out.queries.ids;
  return out;
}

}  // namespace winnow::test
