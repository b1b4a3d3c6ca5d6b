#include "retrieval/postprocess/whitening.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "retrieval/exact_scan.h"
#include "retrieval/postprocess/symmetric.h"
#include "src/core/error.h"
#include "src/core/parallel.h"

namespace winnow {
namespace {

int64_t checked_rows(std::span<const float> rows, int64_t dim) {
  if (dim < 1 || rows.empty() || rows.size() % static_cast<size_t>(dim) != 0) {
    throw Error(ErrorCode::kShape, "[whitening] rows of " + std::to_string(dim) + " values are required, got " +
                                       std::to_string(rows.size()) + " values");
  }
  return static_cast<int64_t>(rows.size()) / dim;
}

std::vector<double> mean_of(std::span<const float> rows, int64_t dim) {
  const int64_t n = checked_rows(rows, dim);
  std::vector<double> mean(static_cast<size_t>(dim));
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t d = 0; d < dim; ++d) mean[size_t(d)] += static_cast<double>(rows[size_t(i * dim + d)]);
  }
  for (double& m : mean) m /= static_cast<double>(n);
  return mean;
}

std::vector<double> centred(std::span<const float> rows, int64_t dim, const std::vector<double>& mean) {
  std::vector<double> out(rows.begin(), rows.end());
  for (size_t i = 0; i < out.size(); ++i) out[i] -= mean[i % static_cast<size_t>(dim)];
  return out;
}

int64_t checked_out(int64_t out, int64_t dim, const std::vector<double>& eigenvalues) {
  const double smallest = std::max(eigenvalues.front(), 0.0) * 1e-9;
  const auto rank = std::count_if(eigenvalues.begin(), eigenvalues.end(), [&](double v) { return v > smallest; });
  if (out == 0) return std::min<int64_t>(dim, rank);
  if (out >= 1 && out <= rank) return out;
  throw Error(ErrorCode::kData, "[whitening] 1 to " + std::to_string(rank) +
                                    " dimensions (the rank of the data) are required, got " + std::to_string(out));
}

}  // namespace

std::vector<float> Whitening::apply(std::span<const float> rows) const {
  const int64_t n = checked_rows(rows, dim);
  std::vector<float> result(static_cast<size_t>(n * out));
  parallel_for(n, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      float* y = result.data() + i * out;
      for (int64_t o = 0; o < out; ++o) {
        double sum = 0;
        for (int64_t d = 0; d < dim; ++d) {
          sum += projection[size_t(o * dim + d)] * (static_cast<double>(rows[size_t(i * dim + d)]) - mean[size_t(d)]);
        }
        y[o] = static_cast<float>(sum);
      }
      // The mean itself has no direction; any unit vector is as good as another for it.
      if (!normalise(y, y, out)) y[0] = 1;
    }
  });
  return result;
}

void Whitening::require_made_for(const std::string& model, int64_t dimensions) const {
  if (model == model_digest && dimensions == dim) return;
  throw Error(ErrorCode::kMismatch, "[whitening] vectors of " + std::to_string(dim) +
                                        " dimensions of the model it was learned with (" + model_digest.substr(0, 12) +
                                        ") are required, got " + std::to_string(dimensions) + " dimensions of " +
                                        model.substr(0, 12));
}

void Whitening::require_not_learned_on(const Embeddings& tested) const {
  for (const auto& item : tested.items()) {
    if (!std::binary_search(learned_on.begin(), learned_on.end(), item.path)) continue;
    throw Error(ErrorCode::kData, "[whitening] data that is not tested on is required, but " + item.path + " of " +
                                      tested.folder().string() + " was learned on; learn it on the training set");
  }
}

Whitening learn_pca_whitening(std::span<const float> rows, int64_t dim, int64_t out, double power) {
  Whitening w;
  w.kind = "pca";
  w.dim = dim;
  w.mean = mean_of(rows, dim);
  const auto x = centred(rows, dim, w.mean);
  const auto eigen = symmetric_eigen(covariance(x, dim), dim);
  w.out = checked_out(out, dim, eigen.values);
  w.eigenvalues.assign(eigen.values.begin(), eigen.values.begin() + w.out);
  for (int64_t o = 0; o < w.out; ++o) {
    const double scale = std::pow(w.eigenvalues[size_t(o)], -power / 2);
    for (int64_t d = 0; d < dim; ++d) w.projection.push_back(scale * eigen.vectors[size_t(o * dim + d)]);
  }
  return w;
}

Whitening learn_pair_whitening(std::span<const float> rows, int64_t dim, std::span<const int64_t> labels, int64_t out) {
  const int64_t n = checked_rows(rows, dim);
  if (static_cast<int64_t>(labels.size()) != n) {
    throw Error(ErrorCode::kShape, "[whitening] a label a row is required, got " + std::to_string(labels.size()) +
                                       " for " + std::to_string(n));
  }
  std::map<int64_t, std::vector<int64_t>> members;
  for (int64_t i = 0; i < n; ++i) {
    if (labels[size_t(i)] >= 0) members[labels[size_t(i)]].push_back(i);
  }
  std::vector<float> queries;
  std::vector<double> differences;
  for (const auto& [label, of_label] : members) {
    for (size_t i = 0; of_label.size() > 1 && i < of_label.size(); ++i) {
      const float* a = rows.data() + of_label[i] * dim;
      const float* b = rows.data() + of_label[(i + 1) % of_label.size()] * dim;
      queries.insert(queries.end(), a, a + dim);
      for (int64_t d = 0; d < dim; ++d) differences.push_back(static_cast<double>(a[d]) - static_cast<double>(b[d]));
    }
  }
  if (queries.empty()) throw Error(ErrorCode::kData, "[whitening] two rows of one label are required, there are none");
  Whitening w;
  w.kind = "pairs";
  w.dim = dim;
  w.mean = mean_of(queries, dim);
  const auto p1 = inverse_cholesky(covariance(differences, dim), dim);
  const auto z = multiply_rows(centred(rows, dim, w.mean), p1, dim);
  const auto eigen = symmetric_eigen(covariance(z, dim), dim);
  w.out = checked_out(out, dim, eigen.values);
  w.eigenvalues.assign(eigen.values.begin(), eigen.values.begin() + w.out);
  // P = V^T P1: rows of V^T times the columns of P1.
  w.projection.assign(static_cast<size_t>(w.out * dim), 0);
  for (int64_t o = 0; o < w.out; ++o) {
    for (int64_t k = 0; k < dim; ++k) {
      const double v = eigen.vectors[size_t(o * dim + k)];
      for (int64_t d = 0; d <= k; ++d) w.projection[size_t(o * dim + d)] += v * p1[size_t(k * dim + d)];
    }
  }
  return w;
}

}  // namespace winnow
