#include "retrieval/postprocess/symmetric.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "src/core/error.h"
#include "src/core/parallel.h"

namespace winnow {
namespace {

/// One rotation that makes a[p][q] zero; rows of v turn along.
void rotate(std::vector<double>& a, std::vector<double>& v, int64_t n, int64_t p, int64_t q) {
  const auto at = [&](int64_t i, int64_t j) -> double& { return a[static_cast<size_t>(i * n + j)]; };
  const double theta = (at(q, q) - at(p, p)) / (2 * at(p, q));
  const double t = (theta >= 0 ? 1 : -1) / (std::fabs(theta) + std::sqrt(theta * theta + 1));
  const double c = 1 / std::sqrt(t * t + 1), s = t * c;
  for (int64_t k = 0; k < n; ++k) {
    const double x = at(k, p), y = at(k, q);
    at(k, p) = c * x - s * y;
    at(k, q) = s * x + c * y;
  }
  for (int64_t k = 0; k < n; ++k) {
    const double x = at(p, k), y = at(q, k);
    at(p, k) = c * x - s * y;
    at(q, k) = s * x + c * y;
    double& vp = v[static_cast<size_t>(p * n + k)];
    double& vq = v[static_cast<size_t>(q * n + k)];
    const double vx = vp, vy = vq;
    vp = c * vx - s * vy;
    vq = s * vx + c * vy;
  }
}

bool cholesky(std::vector<double>& a, int64_t n) {
  for (int64_t j = 0; j < n; ++j) {
    for (int64_t i = j; i < n; ++i) {
      double sum = a[size_t(i * n + j)];
      for (int64_t k = 0; k < j; ++k) sum -= a[size_t(i * n + k)] * a[size_t(j * n + k)];
      if (i == j && !(sum > 0)) return false;
      a[size_t(i * n + j)] = i == j ? std::sqrt(sum) : sum / a[size_t(j * n + j)];
    }
  }
  return true;
}

}  // namespace

std::vector<double> covariance(const std::vector<double>& rows, int64_t dim) {
  const auto n = static_cast<int64_t>(rows.size()) / dim;
  std::vector<double> sum(static_cast<size_t>(dim * dim));
  parallel_for(dim, [&](int64_t begin, int64_t end) {
    for (int64_t row = 0; row < n; ++row) {
      const double* x = rows.data() + row * dim;
      for (int64_t i = begin; i < end; ++i) {
        for (int64_t j = 0; j < dim; ++j) sum[size_t(i * dim + j)] += x[i] * x[j];
      }
    }
  });
  for (double& v : sum) v /= static_cast<double>(n);
  return sum;
}

Eigen symmetric_eigen(std::vector<double> a, int64_t n) {
  std::vector<double> v(static_cast<size_t>(n * n));
  for (int64_t i = 0; i < n; ++i) v[size_t(i * n + i)] = 1;
  double scale = 0;
  for (const double x : a) scale = std::max(scale, std::fabs(x));
  constexpr int kMaxSweeps = 60;
  for (int sweep = 0; sweep < kMaxSweeps; ++sweep) {
    bool any = false;
    for (int64_t p = 0; p < n; ++p) {
      for (int64_t q = p + 1; q < n; ++q) {
        if (std::fabs(a[size_t(p * n + q)]) <= scale * 1e-15) continue;
        rotate(a, v, n, p, q);
        any = true;
      }
    }
    if (!any) break;
  }
  std::vector<int64_t> order(static_cast<size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t i, int64_t j) { return a[size_t(i * n + i)] > a[size_t(j * n + j)]; });
  Eigen out;
  for (const int64_t i : order) {
    out.values.push_back(a[size_t(i * n + i)]);
    out.vectors.insert(out.vectors.end(), v.begin() + i * n, v.begin() + (i + 1) * n);
  }
  return out;
}

std::vector<double> inverse_cholesky(const std::vector<double>& matrix, int64_t n) {
  for (double extra = 0; extra < 1; extra = extra == 0 ? 1e-10 : extra * 10) {
    auto l = matrix;
    for (int64_t i = 0; i < n; ++i) l[size_t(i * n + i)] += extra;
    if (!cholesky(l, n)) continue;
    std::vector<double> inverse(static_cast<size_t>(n * n));
    for (int64_t column = 0; column < n; ++column) {
      for (int64_t i = column; i < n; ++i) {
        double sum = i == column ? 1 : 0;
        for (int64_t k = column; k < i; ++k) sum -= l[size_t(i * n + k)] * inverse[size_t(k * n + column)];
        inverse[size_t(i * n + column)] = sum / l[size_t(i * n + i)];
      }
    }
    return inverse;
  }
  throw Error(ErrorCode::kNumeric, "[whitening] pairs that differ are required: their covariance has no inverse");
}

std::vector<double> multiply_rows(const std::vector<double>& rows, const std::vector<double>& lower, int64_t dim) {
  std::vector<double> out(rows.size());
  parallel_for(static_cast<int64_t>(rows.size()) / dim, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row) {
      for (int64_t i = 0; i < dim; ++i) {
        double sum = 0;
        for (int64_t d = 0; d <= i; ++d) sum += lower[size_t(i * dim + d)] * rows[size_t(row * dim + d)];
        out[size_t(row * dim + i)] = sum;
      }
    }
  });
  return out;
}

}  // namespace winnow
