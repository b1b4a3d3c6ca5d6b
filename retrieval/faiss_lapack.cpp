#include "retrieval/faiss_lapack.h"

#include <algorithm>
#include <vector>

// Fortran names and 32-bit integers, as FAISS calls them. Hidden, so that no other library of the process binds to
// them.
#define WINNOW_HIDDEN extern "C" __attribute__((visibility("hidden")))

// What LibTorch (and every full LAPACK) exports.
extern "C" {
void sgemm_(const char* ta, const char* tb, const int* m, const int* n, const int* k, const float* alpha,
            const float* a, const int* lda, const float* b, const int* ldb, const float* beta, float* c,
            const int* ldc);
void dsyevd_(const char* job, const char* triangle, const int* n, double* a, const int* lda, double* w, double* work,
             const int* lwork, int* iwork, const int* liwork, int* info);
void sgesdd_(const char* job, const int* m, const int* n, float* a, const int* lda, float* s, float* u, const int* ldu,
             float* vt, const int* ldvt, float* work, const int* lwork, int* iwork, int* info);
void dgesdd_(const char* job, const int* m, const int* n, double* a, const int* lda, double* s, double* u,
             const int* ldu, double* vt, const int* ldvt, double* work, const int* lwork, int* iwork, int* info);
void sgetrs_(const char* trans, const int* n, const int* nrhs, const float* a, const int* lda, const int* ipiv,
             float* b, const int* ldb, int* info);
void dgetrs_(const char* trans, const int* n, const int* nrhs, const double* a, const int* lda, const int* ipiv,
             double* b, const int* ldb, int* info);
}

namespace {

/// The caller's work space is sized for another routine, so the bridge keeps its own; a size query gets the least.
template <typename Real>
bool answers_size_query(const int* lwork, Real* work, int* info) {
  if (*lwork != -1) return false;
  *work = 1;
  *info = 0;
  return true;
}

template <typename Real, typename Routine>
void singular_values(Routine routine, const char* job, const int* m, const int* n, Real* a, const int* lda, Real* s,
                     Real* u, const int* ldu, Real* vt, const int* ldvt, int* info) {
  std::vector<int> integers(static_cast<size_t>(8 * std::min(*m, *n)));
  Real best = 0;
  int size = -1;
  routine(job, m, n, a, lda, s, u, ldu, vt, ldvt, &best, &size, integers.data(), info);
  if (*info != 0) return;
  size = static_cast<int>(best);
  std::vector<Real> work(static_cast<size_t>(size));
  routine(job, m, n, a, lda, s, u, ldu, vt, ldvt, work.data(), &size, integers.data(), info);
}

/// Inverse from an LU decomposition: solves for the unit matrix.
template <typename Real, typename Solve>
void invert(Solve solve, const int* n, Real* a, const int* lda, const int* pivots, int* info) {
  const auto size = static_cast<size_t>(*n);
  std::vector<Real> inverse(size * size);
  for (size_t i = 0; i < size; ++i) inverse[i * size + i] = 1;
  solve("N", n, n, a, lda, pivots, inverse.data(), n, info);
  if (*info != 0) return;
  for (size_t column = 0; column < size; ++column) {
    std::copy_n(&inverse[column * size], size, a + column * static_cast<size_t>(*lda));
  }
}

}  // namespace

WINNOW_HIDDEN int ssyrk_(const char*, const char* trans, const int* n, const int* k, const float* alpha, const float* a,
                         const int* lda, const float* beta, float* c, const int* ldc) {
  // The whole product instead of one triangle: the other one is free for us to write.
  const bool plain = *trans == 'N' || *trans == 'n';
  sgemm_(plain ? "N" : "T", plain ? "T" : "N", n, n, k, alpha, a, lda, a, lda, beta, c, ldc);
  return 0;
}

WINNOW_HIDDEN int dsyev_(const char* job, const char* triangle, const int* n, double* a, const int* lda, double* w,
                         double* work, const int* lwork, int* info) {
  if (answers_size_query(lwork, work, info)) return 0;
  double best = 0;
  int best_integers = 0, query = -1;
  dsyevd_(job, triangle, n, a, lda, w, &best, &query, &best_integers, &query, info);
  if (*info != 0) return 0;
  const int size = static_cast<int>(best);
  std::vector<double> space(static_cast<size_t>(size));
  std::vector<int> integers(static_cast<size_t>(best_integers));
  dsyevd_(job, triangle, n, a, lda, w, space.data(), &size, integers.data(), &best_integers, info);
  return 0;
}

WINNOW_HIDDEN int sgesvd_(const char* job, const char*, const int* m, const int* n, float* a, const int* lda, float* s,
                          float* u, const int* ldu, float* vt, const int* ldvt, float* work, const int* lwork,
                          int* info) {
  if (!answers_size_query(lwork, work, info)) singular_values(sgesdd_, job, m, n, a, lda, s, u, ldu, vt, ldvt, info);
  return 0;
}

WINNOW_HIDDEN int dgesvd_(const char* job, const char*, const int* m, const int* n, double* a, const int* lda,
                          double* s, double* u, const int* ldu, double* vt, const int* ldvt, double* work,
                          const int* lwork, int* info) {
  if (!answers_size_query(lwork, work, info)) singular_values(dgesdd_, job, m, n, a, lda, s, u, ldu, vt, ldvt, info);
  return 0;
}

WINNOW_HIDDEN void sgetri_(const int* n, float* a, const int* lda, const int* pivots, float* work, const int* lwork,
                           int* info) {
  if (!answers_size_query(lwork, work, info)) invert(sgetrs_, n, a, lda, pivots, info);
}

WINNOW_HIDDEN void dgetri_(const int* n, double* a, const int* lda, const int* pivots, double* work, const int* lwork,
                           int* info) {
  if (!answers_size_query(lwork, work, info)) invert(dgetrs_, n, a, lda, pivots, info);
}

namespace winnow {

void link_lapack_bridge() noexcept {}

}  // namespace winnow
