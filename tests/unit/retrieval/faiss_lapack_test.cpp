#include "retrieval/faiss_lapack.h"

#include "tests/unit/retrieval/support.h"

extern "C" {
int ssyrk_(const char*, const char*, const int*, const int*, const float*, const float*, const int*, const float*,
           float*, const int*);
int dsyev_(const char*, const char*, const int*, double*, const int*, double*, double*, const int*, int*);
int sgesvd_(const char*, const char*, const int*, const int*, float*, const int*, float*, float*, const int*, float*,
            const int*, float*, const int*, int*);
int dgesvd_(const char*, const char*, const int*, const int*, double*, const int*, double*, double*, const int*,
            double*, const int*, double*, const int*, int*);
void sgetrf_(const int*, const int*, float*, const int*, int*, int*);
void dgetrf_(const int*, const int*, double*, const int*, int*, int*);
void sgetri_(const int*, float*, const int*, const int*, float*, const int*, int*);
void dgetri_(const int*, double*, const int*, const int*, double*, const int*, int*);
}

namespace winnow {
namespace {

// Matrices are column-major.

TEST(LapackBridge, RankUpdateOfBothKinds) {
  link_lapack_bridge();
  const std::vector<float> a = {1, 2, 3, 4, 5, 6};  // 2 x 3: columns (1,2) (3,4) (5,6)
  const int two = 2, three = 3;
  const float one = 1, half = 0.5f;
  std::vector<float> c = {2, 0, 0, 2};
  ssyrk_("Up", "Non transposed", &two, &three, &one, a.data(), &two, &half, c.data(), &two);
  EXPECT_EQ(c[0], 1 + 1 + 9 + 25);
  EXPECT_EQ(c[2], 2 + 12 + 30);
  EXPECT_EQ(c[3], 1 + 4 + 16 + 36);
  std::vector<float> g(9);
  const float zero = 0;
  ssyrk_("Up", "Transposed", &three, &two, &one, a.data(), &two, &zero, g.data(), &three);
  EXPECT_EQ(g[0], 5);
  EXPECT_EQ(g[3], 11);
  EXPECT_EQ(g[8], 61);
}

TEST(LapackBridge, EigenvaluesOfTheWhiteningExample) {
  // retrieval.md 7.2, check 11: covariance of (1,2) (2,1) (3,4) (4,3) has the eigenvalues 2 and 0.5.
  std::vector<double> cov = {1.25, 0.75, 0.75, 1.25}, w(2);
  const int n = 2;
  int info = 9, query = -1;
  double size = 0;
  dsyev_("Vectors as well", "Upper", &n, cov.data(), &n, w.data(), &size, &query, &info);
  ASSERT_EQ(info, 0);
  const int lwork = static_cast<int>(size);
  ASSERT_GE(lwork, 1);
  std::vector<double> work(static_cast<size_t>(lwork));
  dsyev_("Vectors as well", "Upper", &n, cov.data(), &n, w.data(), work.data(), &lwork, &info);
  ASSERT_EQ(info, 0);
  EXPECT_NEAR(w[0], 0.5, 1e-12);
  EXPECT_NEAR(w[1], 2.0, 1e-12);
  EXPECT_NEAR(std::fabs(cov[2]), std::sqrt(0.5), 1e-12);
  EXPECT_NEAR(cov[2], cov[3], 1e-12);
}

template <typename Real, typename Routine>
void expect_decomposition(Routine routine, int m, int n, double tolerance) {
  std::vector<Real> a;
  Random random(5, "svd");
  for (int i = 0; i < m * n; ++i) a.push_back(static_cast<Real>(random.normal()));
  const auto before = a;
  std::vector<Real> s(size_t(std::min(m, n))), u(size_t(m * m)), vt(size_t(n * n));
  int info = 9, query = -1;
  Real size = 0;
  routine("A", "A", &m, &n, a.data(), &m, s.data(), u.data(), &m, vt.data(), &n, &size, &query, &info);
  ASSERT_EQ(info, 0);
  std::vector<Real> work(static_cast<size_t>(size));
  const int lwork = static_cast<int>(size);
  routine("All", "All", &m, &n, a.data(), &m, s.data(), u.data(), &m, vt.data(), &n, work.data(), &lwork, &info);
  ASSERT_EQ(info, 0);
  for (int row = 0; row < m; ++row) {
    for (int column = 0; column < n; ++column) {
      double sum = 0;
      for (int i = 0; i < std::min(m, n); ++i)
        sum += double(u[size_t(i * m + row)]) * s[size_t(i)] * vt[size_t(column * n + i)];
      EXPECT_NEAR(sum, before[size_t(column * m + row)], tolerance);
    }
  }
  EXPECT_TRUE(std::is_sorted(s.rbegin(), s.rend()));
}

TEST(LapackBridge, SingularValuesRebuildTheMatrix) {
  expect_decomposition<double>(dgesvd_, 5, 5, 1e-12);
  expect_decomposition<double>(dgesvd_, 4, 7, 1e-12);
  expect_decomposition<float>(sgesvd_, 6, 3, 1e-5);
}

template <typename Real, typename Factor, typename Invert>
void expect_inverse(Factor factor, Invert invert, double tolerance) {
  constexpr int kN = 6;
  std::vector<Real> a;
  Random random(6, "inverse");
  for (int i = 0; i < kN * kN; ++i) a.push_back(static_cast<Real>(random.normal()));
  const auto before = a;
  std::vector<int> pivots(kN);
  std::vector<Real> work(kN * kN);
  const int n = kN, lwork = kN * kN;
  int info = 9;
  factor(&n, &n, a.data(), &n, pivots.data(), &info);
  ASSERT_EQ(info, 0);
  invert(&n, a.data(), &n, pivots.data(), work.data(), &lwork, &info);
  ASSERT_EQ(info, 0);
  for (int row = 0; row < kN; ++row) {
    for (int column = 0; column < kN; ++column) {
      double sum = 0;
      for (int i = 0; i < kN; ++i) sum += double(a[size_t(i * kN + row)]) * before[size_t(column * kN + i)];
      EXPECT_NEAR(sum, row == column ? 1 : 0, tolerance);
    }
  }
}

TEST(LapackBridge, InverseTimesMatrixIsOne) {
  expect_inverse<double>(dgetrf_, dgetri_, 1e-11);
  expect_inverse<float>(sgetrf_, sgetri_, 1e-3);
}

}  // namespace
}  // namespace winnow
