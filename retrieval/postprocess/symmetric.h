#pragma once

#include <cstdint>
#include <vector>

namespace winnow {

// Internal to retrieval: the little linear algebra of whitening, in double.

/// X^T X / N of rows [N, dim].
std::vector<double> covariance(const std::vector<double>& rows, int64_t dim);

struct Eigen {
  std::vector<double> values;   ///< descending
  std::vector<double> vectors;  ///< one a row, unit length
};
/// Of a symmetric matrix [dim, dim], by cyclic Jacobi rotations.
Eigen symmetric_eigen(std::vector<double> matrix, int64_t dim);

/// The inverse of the lower Cholesky factor; 1e-10 * 10^i is added to the diagonal until there is one (as cirtorch).
/// @throws Error(kNumeric) when nothing helps
std::vector<double> inverse_cholesky(const std::vector<double>& matrix, int64_t dim);

/// Rows [N, dim] times the transpose of a lower triangular matrix.
std::vector<double> multiply_rows(const std::vector<double>& rows, const std::vector<double>& lower, int64_t dim);

}  // namespace winnow
