#pragma once

// Plain double loops for the losses that are formulas of log p, written from the papers: o scores, y the label.
#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

namespace winnow::test {

using Row = std::vector<double>;
using Reference = std::function<double(const Row& o, size_t y)>;

inline Row softmax_of(const Row& o) {
  const double top = *std::max_element(o.begin(), o.end());
  double sum = 0;
  Row p;
  for (const double x : o) sum += std::exp(x - top);
  for (const double x : o) p.push_back(std::exp(x - top) / sum);
  return p;
}

inline double ce(const Row& o, size_t y) {
  const double top = *std::max_element(o.begin(), o.end());
  double sum = 0;
  for (const double x : o) sum += std::exp(x - top);
  return std::log(sum) + top - o[y];
}

inline double total_ce(const Row& o) {
  double sum = 0;
  for (size_t k = 0; k < o.size(); ++k) sum += ce(o, k);
  return sum;
}

inline double p_of(const Row& o, size_t y) { return softmax_of(o)[y]; }
inline size_t largest(const Row& o) { return static_cast<size_t>(std::max_element(o.begin(), o.end()) - o.begin()); }
inline double focal(const Row& o, size_t y, double g) { return std::pow(1 - p_of(o, y), g) * ce(o, y); }

inline double nfl(const Row& o, size_t y) {
  double sum = 0;
  for (size_t k = 0; k < o.size(); ++k) sum += focal(o, k, 0.5);
  return focal(o, y, 0.5) / sum;
}

inline double nce(const Row& o, size_t y) { return ce(o, y) / total_ce(o); }
inline double mae(const Row& o, size_t y) { return 1 - p_of(o, y); }
inline double rce(const Row& o, size_t y) { return -std::log(1e-4) * mae(o, y); }
inline double agce(const Row& o, size_t y, double a, double q) {
  return (std::pow(a + 1, q) - std::pow(a + p_of(o, y), q)) / q;
}
inline double aul(const Row& o, size_t y, double a, double q) {
  return (std::pow(a - p_of(o, y), q) - std::pow(a - 1, q)) / q;
}

inline double entropy(const Row& o) {
  double sum = 0;
  for (const double p : softmax_of(o)) sum -= p > 0 ? p * std::log(p) : 0;
  return sum;
}

inline double eps_softmax(const Row& o, size_t y) {
  auto p = softmax_of(o);
  const double own = p[y];
  p[largest(o)] += 1e4;
  return -std::log(p[y] / (1 + 1e4)) + 1 - own;
}

inline double clipped(const Row& o, size_t y) {
  double norm = 0;
  for (const double x : o) norm += x * x;
  norm = std::sqrt(norm);
  Row shorter = o;
  if (norm > 1.5)
    for (double& x : shorter) x *= 1.5 / norm;
  return ce(shorter, y);
}

inline double cores(const Row& o, size_t y) {
  const double mean = total_ce(o) / static_cast<double>(o.size());
  return ce(o, y) > mean ? 0 : ce(o, y) - 2 * mean;
}

/// 20 % symmetric noise written out as a matrix.
inline double forward(const Row& o, size_t y) {
  const auto p = softmax_of(o);
  double noisy = 0;
  for (size_t i = 0; i < p.size(); ++i) noisy += p[i] * (i == y ? 0.8 : 0.2 / static_cast<double>(p.size() - 1));
  return -std::log(noisy);
}

/// The inverse of that matrix by Gauss and Jordan.
inline std::vector<Row> inverse_symmetric(size_t n) {
  std::vector<Row> a(n, Row(2 * n, 0.2 / static_cast<double>(n - 1)));
  for (size_t i = 0; i < n; ++i) {
    a[i][i] = 0.8;
    for (size_t j = 0; j < n; ++j) a[i][n + j] = i == j;
  }
  for (size_t c = 0; c < n; ++c) {
    const double pivot = a[c][c];
    for (double& x : a[c]) x /= pivot;
    for (size_t r = 0; r < n; ++r)
      if (const double factor = a[r][c]; r != c)
        for (size_t j = 0; j < 2 * n; ++j) a[r][j] -= factor * a[c][j];
  }
  return a;
}

inline double backward(const Row& o, size_t y) {
  const auto inverse = inverse_symmetric(o.size());
  double sum = 0;
  for (size_t k = 0; k < o.size(); ++k) sum += inverse[y][o.size() + k] * ce(o, k);
  return sum;
}

inline double sop_at_start(const Row& o, size_t y) {
  double sum = 0;
  for (const double p : softmax_of(o)) sum += std::max(p, 1e-4);
  double square = 0;
  for (size_t k = 0; k < o.size(); ++k) square += std::pow((k == largest(o)) - double(k == y), 2);
  return -std::log(std::max(p_of(o, y), 1e-4) / sum) + square;
}

}  // namespace winnow::test
