// The acceptance checks of retrieval.md 7.2 that belong to this room; values as printed there.
#include <fstream>
#include <limits>
#include <set>

#include "retrieval/index_edit.h"
#include "retrieval/postprocess/expansion.h"
#include "retrieval/postprocess/rerank.h"
#include "retrieval/postprocess/whitening.h"
#include "tests/unit/retrieval/support.h"

namespace winnow {
namespace {

void expect_near(const std::vector<float>& got, const std::vector<double>& wanted, double tolerance) {
  ASSERT_EQ(got.size(), wanted.size());
  for (size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], wanted[i], tolerance) << i;
}

class RetrievalAcceptance : public testing::Test {
 protected:
  static constexpr int64_t kRows = 2000, kDim = 16;
  void build_check_15() {
    rows_ = test::clustered(kRows, kDim, 40, 5, 1.0);
    std::vector<int64_t> ids;
    for (int64_t i = 0; i < kRows; ++i) ids.push_back(10 * i);
    build_index(test::write_embeddings(dir_ / "emb", rows_, kDim, test::items_with_ids(ids)), dir_ / "idx",
                test::of_type("IVF16,Flat"));
  }
  fs::path faiss_file() const { return current_folder() / "vectors.faiss"; }
  fs::path current_folder() const { return dir_ / "idx" / "generation-000001"; }
  std::span<const float> row(int64_t i) const { return std::span(rows_).subspan(size_t(i * kDim), size_t(kDim)); }
  test::TempDir dir_;
  std::vector<float> rows_;
};

TEST_F(RetrievalAcceptance, Check11PoolingExpansionWhitening) {
  const std::vector<float> values = {1, 2, 3, 4};
  EXPECT_NEAR(generalised_mean(values, 1), 2.5, 1e-6);
  EXPECT_NEAR(generalised_mean(values, 3), 2.924018, 1e-6);
  EXPECT_NEAR(generalised_mean(values, 4.6), 3.137704, 1e-6);
  const std::vector<float> q = {1, 0}, x = {.8f, .6f, .6f, .8f, 0, 1, .96f, .28f};
  ExpansionOptions options;
  options.k = 2;
  options.alpha = 0;
  expect_near(expand_queries(q, x, 2, options), {0.952744, 0.303774}, 1e-6);
  options.alpha = 3;
  const auto expanded = expand_queries(q, x, 2, options);
  expect_near(expanded, {0.971127, 0.238564}, 1e-6);
  const double similarities[] = {0.920040, 0.773527, 0.238564, 0.999080};
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(expanded[0] * x[2 * i] + expanded[1] * x[2 * i + 1], similarities[i], 1e-6);
  }
  options.k = 1;
  expect_near(augment_database(x, 2, options),
              {0.713257, 0.700902, 0.700902, 0.713257, 0.212936, 0.977066, 0.902322, 0.431063}, 1e-6);
  const auto w = learn_pca_whitening(std::vector<float>{1, 2, 2, 1, 3, 4, 4, 3}, 2);
  EXPECT_NEAR(w.eigenvalues.at(0), 2.0, 1e-9);
  EXPECT_NEAR(w.eigenvalues.at(1), 0.5, 1e-9);
  EXPECT_NEAR(w.mean[0], 2.5, 1e-12);
  EXPECT_NEAR(w.mean[1], 2.5, 1e-12);
  for (const auto& p : {std::pair{1., 2.}, {2., 1.}, {3., 4.}, {4., 3.}}) {
    for (size_t row = 0; row < 2; ++row) {
      const double y = w.projection[2 * row] * (p.first - 2.5) + w.projection[2 * row + 1] * (p.second - 2.5);
      EXPECT_NEAR(std::fabs(y), 1, 1e-9);
    }
  }
}

TEST_F(RetrievalAcceptance, Check12KReciprocal) {
  const std::vector<float> q = {0, 0}, g = {.2f, 0, 0, .4f, .5f, .1f, 2, 2, 2.1f, 2, .1f, .6f};
  struct Case {
    KReciprocalOptions options;
    std::vector<double> distances;
  };
  const Case cases[] = {{{3, 2, .3}, {.001427, .475683, .164082, .985375, 1, .483174}},
                        {{2, 1, .3}, {.350375, .361955, .568746, .985375, 1, .575054}},
                        {{3, 2, 0}, {0, .671394, .221153, 1, 1, .671394}},
                        {{3, 2, 1}, {.004756, .019025, .030916, .951249, 1, .043995}}};
  for (const auto& c : cases) {
    int calls = 0;
    rerank_k_reciprocal({q, g, 2}, c.options, [&](int64_t, std::span<const float> scores) {
      ++calls;
      std::vector<float> distances;
      for (const float s : scores) distances.push_back(-s);
      expect_near(distances, c.distances, 1e-5);
    });
    EXPECT_EQ(calls, 1);
  }
}

TEST_F(RetrievalAcceptance, Check15RemovalKeepsEveryIdRight) {
  build_check_15();
  RemovalOptions removal;
  for (int64_t i = 0; i < 100; ++i) removal.ids.push_back(10 * (7 * i + 3));
  EXPECT_EQ(remove_from_index(dir_ / "idx", removal).removed, 100);
  const std::set<int64_t> removed(removal.ids.begin(), removal.ids.end());
  const auto index = Index::open(dir_ / "idx");
  const auto all = index->search(rows_, {.k = 5});
  int64_t right = 0, wrong = 0;
  for (int64_t i = 0; i < kRows; ++i) {
    for (const auto& hit : all[size_t(i)]) wrong += removed.contains(hit.id);
    if (!removed.contains(10 * i)) right += all[size_t(i)].at(0).id == 10 * i;
  }
  EXPECT_EQ(right, kRows - 100) << "every live item finds itself first";
  EXPECT_EQ(wrong, 0) << "no removed item is returned";
}

TEST_F(RetrievalAcceptance, Check15AFlippedByteAndATruncatedFileFailVerify) {
  build_check_15();
  const std::string whole = read_file(faiss_file());
  std::string flipped = whole;
  flipped[whole.size() / 2] = static_cast<char>(flipped[whole.size() / 2] ^ 0x10);
  std::ofstream(faiss_file(), std::ios::binary) << flipped;
  EXPECT_FALSE(verify_index(dir_ / "idx", 5, 1).ok);
  std::ofstream(faiss_file(), std::ios::binary) << whole.substr(0, whole.size() - 1);
  EXPECT_FALSE(verify_index(dir_ / "idx", 5, 1).ok);
  std::ofstream(faiss_file(), std::ios::binary) << whole;
  EXPECT_TRUE(verify_index(dir_ / "idx", 5, 1).ok);
}

TEST_F(RetrievalAcceptance, Check15OneQueryAndABatchPadsAndNan) {
  build_check_15();
  const auto index = Index::open(dir_ / "idx");
  const auto batch = index->search(std::span(rows_).first(size_t(64 * kDim)), {.k = 10});
  for (int64_t i = 0; i < 64; ++i) {
    EXPECT_TRUE(test::same(index->search(row(i), {.k = 10}).front(), batch[size_t(i)])) << i;
  }
  EXPECT_EQ(index->search(row(0), {.k = 5000}).front().size(), size_t(kRows)) << "no pads, and all that there are";
  std::vector<float> bad(row(0).begin(), row(0).end());
  bad[3] = std::numeric_limits<float>::quiet_NaN();
  test::expect_error(ErrorCode::kData, [&] { index->search(bad, {}); });
}

}  // namespace
}  // namespace winnow
