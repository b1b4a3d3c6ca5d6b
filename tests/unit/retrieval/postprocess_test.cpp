#include <algorithm>
#include <numeric>

#include "retrieval/index_edit.h"
#include "retrieval/postprocess/expansion.h"
#include "retrieval/postprocess/rerank.h"
#include "retrieval/postprocess/symmetric.h"
#include "retrieval/postprocess/whitening_file.h"
#include "tests/unit/retrieval/support.h"

namespace winnow {
namespace {

std::vector<float> unit_rows(int64_t n, int64_t dim, uint64_t seed) {
  auto rows = test::clustered(n, dim, 5, seed);
  for (int64_t i = 0; i < n; ++i) {
    double length = 0;
    for (int64_t d = 0; d < dim; ++d) length += rows[size_t(i * dim + d)] * rows[size_t(i * dim + d)];
    for (int64_t d = 0; d < dim; ++d) rows[size_t(i * dim + d)] /= static_cast<float>(std::sqrt(length));
  }
  return rows;
}

TEST(Symmetric, EigenvectorsRebuildTheMatrix) {
  constexpr int64_t kDim = 12;
  Random random(1, "matrix");
  std::vector<double> a(kDim * kDim);
  for (int64_t i = 0; i < kDim; ++i) {
    for (int64_t j = 0; j <= i; ++j) a[size_t(i * kDim + j)] = a[size_t(j * kDim + i)] = random.normal();
  }
  const auto eigen = symmetric_eigen(a, kDim);
  EXPECT_TRUE(std::is_sorted(eigen.values.rbegin(), eigen.values.rend()));
  for (int64_t i = 0; i < kDim; ++i) {
    for (int64_t j = 0; j < kDim; ++j) {
      double sum = 0;
      for (int64_t k = 0; k < kDim; ++k) {
        sum += eigen.values[size_t(k)] * eigen.vectors[size_t(k * kDim + i)] * eigen.vectors[size_t(k * kDim + j)];
      }
      EXPECT_NEAR(sum, a[size_t(i * kDim + j)], 1e-12);
    }
  }
}

TEST(Whitening, PcaGivesTheUnitCovarianceBeforeTheLength) {
  const auto rows = unit_rows(500, 6, 3);
  const auto w = learn_pca_whitening(rows, 6);
  std::vector<double> y;
  for (size_t i = 0; i < rows.size(); i += 6) {
    for (int64_t o = 0; o < w.out; ++o) {
      double sum = 0;
      for (size_t d = 0; d < 6; ++d) sum += w.projection[size_t(o) * 6 + d] * (double(rows[i + d]) - w.mean[d]);
      y.push_back(sum);
    }
  }
  const auto c = covariance(y, w.out);
  for (int64_t i = 0; i < w.out; ++i) {
    for (int64_t j = 0; j < w.out; ++j) EXPECT_NEAR(c[size_t(i * w.out + j)], i == j, 1e-9);
  }
  test::expect_error(ErrorCode::kData, [&] { learn_pca_whitening(std::span(rows).first(3 * 6), 6, 5); });
}

TEST(Whitening, PairsOfOneLabelBecomeWhite) {
  const auto rows = test::clustered(300, 5, 300, 4);
  std::vector<int64_t> labels;
  for (int64_t i = 0; i < 300; ++i) labels.push_back(i / 3);
  const auto w = learn_pair_whitening(rows, 5, labels);
  // P S P^T = V^T P1 S P1^T V = I for the covariance S of the differences of pairs.
  std::vector<double> projected;
  for (size_t first = 0; first < 300; first += 3) {
    for (size_t i = 0; i < 3; ++i) {
      const size_t a = first + i, b = first + (i + 1) % 3;
      for (size_t o = 0; o < 5; ++o) {
        double sum = 0;
        for (size_t d = 0; d < 5; ++d)
          sum += w.projection[o * 5 + d] * (double(rows[a * 5 + d]) - double(rows[b * 5 + d]));
        projected.push_back(sum);
      }
    }
  }
  const auto c = covariance(projected, 5);
  for (size_t i = 0; i < 5; ++i) {
    for (size_t j = 0; j < 5; ++j) EXPECT_NEAR(c[i * 5 + j], i == j, 1e-8);
  }
  test::expect_error(ErrorCode::kData, [&] { learn_pair_whitening(rows, 5, std::vector<int64_t>(300, -1)); });
}

TEST(Whitening, IsStoredAndRefusesWhatItWasLearnedOn) {
  const test::TempDir dir;
  const auto train = test::write_embeddings(dir / "train", unit_rows(50, 4, 5), 4);
  std::vector<EmbeddedItem> others;
  for (int64_t i = 0; i < 20; ++i) others.push_back({i, "q" + std::to_string(i), "a", {}});
  const auto queries = test::write_embeddings(dir / "queries", unit_rows(20, 4, 6), 4, others);
  auto w = learn_pca_whitening(train.vectors(), 4, 3);
  w.model_digest = "model";
  for (const auto& item : train.items()) w.learned_on.push_back(item.path);
  std::sort(w.learned_on.begin(), w.learned_on.end());
  write_whitening(dir / "whitening.json", w);
  const auto read = read_whitening(dir / "whitening.json");
  EXPECT_EQ(read.apply(queries.vectors()), w.apply(queries.vectors()));
  EXPECT_NO_THROW(read.require_not_learned_on(queries));
  const auto error = test::expect_error(ErrorCode::kData, [&] { read.require_not_learned_on(train); });
  EXPECT_NE(std::string(error.what()).find("p0"), std::string::npos) << error.what();
}

TEST(Whitening, WhitenedEmbeddingsAreAnotherKindOfVectors) {
  const test::TempDir dir;
  const auto train = test::write_embeddings(dir / "train", unit_rows(60, 5, 5), 5);
  std::vector<EmbeddedItem> others;
  for (int64_t i = 0; i < 20; ++i) others.push_back({100 + i, "q" + std::to_string(i), "a", {}});
  const auto queries = test::write_embeddings(dir / "queries", unit_rows(20, 5, 6), 5, others);
  const Whitening w = learn_whitening(train, "pairs", 3);
  EXPECT_EQ(whitening_digest(w), whitening_digest(learn_whitening(train, "pairs", 3)));
  EXPECT_NE(whitening_digest(w), whitening_digest(learn_whitening(train, "pca", 3)));
  whiten_embeddings(train, w, dir / "white");
  whiten_embeddings(queries, w, dir / "white-queries");
  const auto white = Embeddings::open(dir / "white"), asked = Embeddings::open(dir / "white-queries");
  EXPECT_EQ(white.dim(), 3);
  EXPECT_EQ(white.items()[7].path, "p7");
  const auto wanted = w.apply(train.vectors());
  for (size_t i = 0; i < wanted.size(); ++i) EXPECT_NEAR(white.vectors()[i], wanted[i], 1e-5);
  EXPECT_NE(white.info().preprocessing_digest, train.info().preprocessing_digest);
  EXPECT_EQ(white.info().preprocessing_digest, asked.info().preprocessing_digest);
  EXPECT_EQ(whitening_digest(find_whitening(dir / "white", white.info().whitening_digest)), whitening_digest(w));
  require_fair_whitening(train);
  require_fair_whitening(asked);
  test::expect_error(ErrorCode::kData, [&] { require_fair_whitening(white); });
  test::expect_error(ErrorCode::kData, [&] { learn_whitening(white, "pca", 0); });
  test::expect_error(ErrorCode::kUsage, [&] { learn_whitening(train, "zca", 0); });
  test::expect_error(ErrorCode::kMismatch, [&] {
    whiten_embeddings(test::write_embeddings(dir / "short", unit_rows(20, 4, 6), 4), w, dir / "no");
  });
}

TEST(Whitening, AnIndexKeepsItAndTakesOnlyVectorsMadeAlike) {
  const test::TempDir dir;
  const auto train = test::write_embeddings(dir / "train", unit_rows(60, 5, 5), 5);
  whiten_embeddings(train, learn_whitening(train, "pca", 0), dir / "white");
  const auto white = Embeddings::open(dir / "white");
  build_index(white, dir / "a.idx", test::of_type("flat"));
  const auto info = read_index_info(dir / "a.idx");
  EXPECT_EQ(info.whitening_digest, white.info().whitening_digest);
  const IndexMergeOptions merge;
  merge_indexes({dir / "a.idx"}, dir / "b.idx", merge);
  for (const char* folder : {"a.idx", "b.idx"}) EXPECT_EQ(find_whitening(dir / folder, info.whitening_digest).out, 5);
  const std::vector<Embeddings> plain = {train};
  test::expect_error(ErrorCode::kMismatch, [&] { add_to_index(dir / "a.idx", plain, true); });
  EXPECT_EQ(read_index_info(dir / "a.idx").live, 60);
}

TEST(Expansion, AnIndexBuiltWithDbaHoldsTheExpandedVectors) {
  const test::TempDir dir;
  const auto train = test::write_embeddings(dir / "train", unit_rows(40, 5, 5), 5);
  IndexBuildOptions options;
  options.type = "flat";
  options.augment = 3;
  build_index(train, dir / "idx", options);
  const auto index = Index::open(dir / "idx");
  EXPECT_EQ(index->info().augmented, 3);
  const auto wanted = augment_database(train.vectors(), 5, {3, 3, 1});
  for (int64_t id : {0, 17, 39})
    EXPECT_GT(test::naive_cosine(index->vector(id).data(), &wanted[size_t(id) * 5], 5), 1 - 1e-6);
  EXPECT_LT(test::naive_cosine(index->vector(0).data(), train.vector(0).data(), 5), 1 - 1e-4);
  options.slices = 2;
  test::expect_error(ErrorCode::kUsage, [&] { build_index(train, dir / "part", options); });
}

TEST(Rerank, DiffusionSolvesTheLinearSystem) {
  const auto gallery = unit_rows(30, 4, 7), queries = unit_rows(2, 4, 8);
  DiffusionOptions options;
  options.graph_neighbours = 29;  // every pair is mutual: the system can be written down
  options.query_neighbours = 5;
  options.iterations = 200;
  options.tolerance = 1e-12;
  options.alpha = 0.9;
  rerank_diffusion({queries, gallery, 4}, options, [&](int64_t q, std::span<const float> scores) {
    std::vector<double> w(900), degree(30), y(30);
    std::vector<std::pair<double, size_t>> order;
    for (size_t i = 0; i < 30; ++i) {
      for (size_t j = 0; j < 30; ++j) {
        if (i != j) w[i * 30 + j] = std::pow(std::max(0.0, test::naive_cosine(&gallery[i * 4], &gallery[j * 4], 4)), 3);
        degree[i] += w[i * 30 + j];
      }
      order.emplace_back(-test::naive_cosine(&queries[size_t(q) * 4], &gallery[i * 4], 4), i);
    }
    std::sort(order.begin(), order.end());
    for (size_t i = 0; i < 5; ++i) y[order[i].second] = std::pow(std::max(0.0, -order[i].first), 3);
    // Plain fixed-point iteration of f = y + alpha S f.
    std::vector<double> f = y;
    for (int round = 0; round < 2000; ++round) {
      auto next = y;
      for (size_t i = 0; i < 30; ++i) {
        for (size_t j = 0; j < 30; ++j) next[i] += 0.9 * w[i * 30 + j] / std::sqrt(degree[i] * degree[j]) * f[j];
      }
      f = next;
    }
    const double most = *std::max_element(f.begin(), f.end());
    for (size_t i = 0; i < 30; ++i) EXPECT_NEAR(scores[i], f[i] / most, 1e-5) << i;
  });
}

TEST(Rerank, SuperGlobalByHand) {
  // Two candidates that are each other's only neighbour: x' = (x + b s y) / (1 + b s).
  const std::vector<float> query = {1, 0}, gallery = {.8f, .6f, .6f, .8f, 0, 1};
  SuperGlobalOptions options;
  options.candidates = 2;
  options.neighbours = 1;
  options.beta = 0.5;
  rerank_super_global({query, gallery, 2}, options, [&](int64_t, std::span<const float> scores) {
    const double s = 0.5 * 0.96, a[] = {(.8 + s * .6) / (1 + s), (.6 + s * .8) / (1 + s)},
                 b[] = {(.6 + s * .8) / (1 + s), (.8 + s * .6) / (1 + s)};
    const double most[] = {std::max(a[0], b[0]), std::max(a[1], b[1])};
    EXPECT_NEAR(scores[0], (a[0] + most[0] * a[0] + most[1] * a[1]) / 2, 1e-6);
    EXPECT_NEAR(scores[1], (b[0] + most[0] * b[0] + most[1] * b[1]) / 2, 1e-6);
    EXPECT_LT(scores[2], scores[1]) << "not a candidate";
  });
}

TEST(Rerank, KReciprocalWithLambdaOneIsTheOriginalOrder) {
  const auto gallery = unit_rows(60, 8, 9), queries = unit_rows(4, 8, 10);
  rerank_k_reciprocal({queries, gallery, 8}, {20, 6, 1}, [&](int64_t q, std::span<const float> scores) {
    std::vector<size_t> by_new(60), by_cosine(60);
    std::iota(by_new.begin(), by_new.end(), 0);
    by_cosine = by_new;
    std::sort(by_new.begin(), by_new.end(), [&](size_t a, size_t b) { return scores[a] > scores[b]; });
    std::sort(by_cosine.begin(), by_cosine.end(), [&](size_t a, size_t b) {
      return test::naive_cosine(&queries[size_t(q) * 8], &gallery[a * 8], 8) >
             test::naive_cosine(&queries[size_t(q) * 8], &gallery[b * 8], 8);
    });
    EXPECT_EQ(by_new, by_cosine);
  });
  test::expect_error(ErrorCode::kUsage, [&] { rerank("nearest", {queries, gallery, 8}, {}); });
}

TEST(Expansion, AQueryWithoutNeighboursStaysAndBadShapesAreRefused) {
  const std::vector<float> q = {0.6f, 0.8f};
  EXPECT_EQ(expand_query(q, {}, {}), q);
  test::expect_error(ErrorCode::kShape, [&] { expand_query(q, std::vector<float>{1, 2, 3}, {}); });
  test::expect_error(ErrorCode::kUsage, [&] { expand_query(q, {}, {0, 3, 1}); });
}

}  // namespace
}  // namespace winnow
