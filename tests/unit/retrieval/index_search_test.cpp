#include <thread>

#include "src/core/parallel.h"
#include "tests/unit/retrieval/support.h"

namespace winnow {
namespace {

using test::expect_error;
using test::of_type;

TEST(Search, HandWorkedCosines) {
  const test::TempDir dir;
  // 3-4-5 triangle: cosines with (2, 0) are 1, 0, 0.6, -1.
  const auto e = test::write_embeddings(dir / "emb", {5, 0, 0, 7, 3, 4, -1, 0}, 2,
                                        test::items_with_ids({40, -30, INT64_MAX, INT64_MIN}));
  build_index(e, dir / "idx", of_type("flat"));
  const auto index = Index::open(dir / "idx");
  const auto hits = index->search(std::vector<float>{2, 0}, {.k = 4}).front();
  ASSERT_EQ(hits.size(), 4u);
  EXPECT_EQ(hits[0].id, 40);
  EXPECT_EQ(hits[0].score, 1.0f);
  EXPECT_EQ(hits[1].id, INT64_MAX);
  EXPECT_FLOAT_EQ(hits[1].score, 0.6f);
  EXPECT_EQ(hits[2].id, -30);
  EXPECT_EQ(hits[2].score, 0.0f);
  EXPECT_EQ(hits[3].id, INT64_MIN);
  EXPECT_EQ(hits[3].score, -1.0f);

  EXPECT_EQ(index->search(std::vector<float>{2, 0}, {.k = 4, .min_score = 0}).front().size(), 3u);
  const auto without = index->search(std::vector<float>{2, 0}, {.k = 1, .exclude = 40}).front();
  ASSERT_EQ(without.size(), 1u);
  EXPECT_EQ(without[0].id, INT64_MAX);
  EXPECT_EQ(index->search(std::vector<float>{2, 0}, {.k = 9, .exclude = 40}).front().size(), 3u);
  EXPECT_EQ(index->search(std::vector<float>{2, 0}, {.k = 9, .exclude = 12345}).front().size(), 4u);
  EXPECT_EQ(index->search({}, {}).size(), 0u);
  EXPECT_EQ(index->item(-30).path, "p-30");
  EXPECT_FLOAT_EQ(index->vector(INT64_MAX)[1], 0.8f);
}

TEST(Search, BadInputIsRefusedBeforeSearching) {
  const test::TempDir dir;
  build_index(test::write_embeddings(dir / "emb", {1, 0, 0, 1}, 2), dir / "idx", of_type("flat"));
  const auto index = Index::open(dir / "idx");
  expect_error(ErrorCode::kData, [&] { index->search(std::vector<float>{1, NAN}, {}); });
  expect_error(ErrorCode::kData, [&] { index->search(std::vector<float>{1, 0, INFINITY, 0}, {}); });
  expect_error(ErrorCode::kData, [&] { index->search(std::vector<float>{0, 0}, {}); });
  expect_error(ErrorCode::kShape, [&] { index->search(std::vector<float>{1, 2, 3}, {}); });
  expect_error(ErrorCode::kUsage, [&] { index->search(std::vector<float>{1, 2}, {.k = 0}); });
  expect_error(ErrorCode::kUsage, [&] { index->search(std::vector<float>{1, 2}, {.min_score = NAN}); });
  expect_error(ErrorCode::kNotFound, [&] { index->item(2); });
  expect_error(ErrorCode::kNotFound, [&] { index->vector(-1); });
}

/// One built index for all tests of a type: 2,000 random vectors with ids 10 i (retrieval.md 7.2, check 15).
class EveryType : public testing::TestWithParam<const char*> {
 protected:
  static constexpr int64_t kRows = 2000, kDim = 32;

  void SetUp() override {
    rows_ = test::clustered(kRows, kDim, 40, 11, 1.0);
    std::vector<int64_t> ids;
    for (int64_t i = 0; i < kRows; ++i) ids.push_back(10 * i);
    embeddings_ = test::write_embeddings(dir_ / "emb", rows_, kDim, test::items_with_ids(ids));
    build_index(embeddings_, dir_ / "idx", of_type(GetParam()));
    index_ = Index::open(dir_ / "idx");
  }

  std::span<const float> row(int64_t i) const { return std::span(rows_).subspan(size_t(i * kDim), size_t(kDim)); }

  test::TempDir dir_;
  std::vector<float> rows_;
  Embeddings embeddings_ = Embeddings();
  std::unique_ptr<Index> index_;
};

TEST_P(EveryType, SelfQueriesReturnTheRightIdAndNoneOfTheRemoved) {
  const auto all = index_->search(rows_, {.k = 1});
  for (int64_t i = 0; i < kRows; ++i) {
    ASSERT_EQ(all[size_t(i)].size(), 1u);
    EXPECT_EQ(all[size_t(i)][0].id, 10 * i);
  }
  std::vector<float> kept;
  std::vector<int64_t> ids;
  for (int64_t i = 0; i < kRows; ++i) {
    if (i % 20 == 7) continue;
    kept.insert(kept.end(), row(i).begin(), row(i).end());
    ids.push_back(10 * i);
  }
  build_index(test::write_embeddings(dir_ / "fewer", kept, kDim, test::items_with_ids(ids)), dir_ / "idx",
              of_type(GetParam()));
  const auto fewer = Index::open(dir_ / "idx")->search(rows_, {.k = 5});
  for (int64_t i = 0; i < kRows; ++i) {
    const auto& hits = fewer[size_t(i)];
    ASSERT_EQ(hits.size(), 5u);
    for (const auto& hit : hits) EXPECT_NE(hit.id % 200, 70) << "a removed id";
    if (i % 20 != 7) {
      EXPECT_EQ(hits[0].id, 10 * i);
    }
  }
}

TEST_P(EveryType, AQueryIsAnsweredTheSameAloneInABatchAndByAnyNumberOfThreads) {
  const int before = thread_count();
  const auto queries = test::clustered(64, kDim, 40, 12, 1.0);
  for (const int64_t k : {1, 10, 300}) {
    const auto batch = index_->search(queries, {.k = k});
    for (const int threads : {1, 4}) {
      set_thread_count(threads);
      for (size_t q = 0; q < 64; ++q) {
        const auto alone = index_->search(std::span(queries).subspan(q * kDim, kDim), {.k = k}).front();
        EXPECT_TRUE(test::same(alone, batch[q])) << "query " << q << " k " << k << " threads " << threads;
      }
    }
    set_thread_count(before);
  }
}

TEST_P(EveryType, MoreThanThereAreGivesAllOnce) {
  const auto hits = index_->search(row(0), {.k = 5000}).front();
  ASSERT_EQ(hits.size(), size_t(kRows));
  std::vector<int64_t> ids;
  for (const auto& hit : hits) ids.push_back(hit.id);
  std::sort(ids.begin(), ids.end());
  for (int64_t i = 0; i < kRows; ++i) EXPECT_EQ(ids[size_t(i)], 10 * i);
}

TEST_P(EveryType, ConcurrentSearchesEqualSingleOnes) {
  const auto queries = test::clustered(80, kDim, 40, 13, 1.0);
  const auto expected = index_->search(queries, {.k = 10, .where = "id < 15000"});
  std::vector<std::thread> threads;
  std::vector<int> wrong(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (size_t q = static_cast<size_t>(t); q < 80; q += 4) {
        const std::string where = q % 8 < 4 ? "id < 15000" : "id < 15000 AND " + std::to_string(q) + " > 0";
        const auto hits = index_->search(std::span(queries).subspan(q * kDim, kDim), {.k = 10, .where = where}).front();
        wrong[size_t(t)] +=
            !test::same(hits, expected[q]) || index_->item(hits[0].id).id != hits[0].id || index_->last_plan().empty();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(4));
}

TEST_P(EveryType, VerifyIsContent) {
  const auto result = verify_index(dir_ / "idx", 50, 1);
  EXPECT_TRUE(result.ok) << testing::PrintToString(result.problems);
  EXPECT_EQ(result.sample, 50);
  EXPECT_GE(result.recall_at_10, std::string(GetParam()) == "flat" ? 1.0 : 0.8);
}

INSTANTIATE_TEST_SUITE_P(Types, EveryType, testing::Values("flat", "ivf", "ivfpq", "ivfsq8", "hnsw", "binary"),
                         [](const auto& one) { return std::string(one.param); });

TEST(Search, FactoryTypesAnswerABatchAsTheyAnswerOne) {
  const test::TempDir dir;
  constexpr size_t kDim = 32, kQueries = 100;
  const auto e = test::write_embeddings(dir / "emb", test::clustered(3000, kDim, 30, 51, 1.0), kDim);
  const auto queries = test::clustered(kQueries, kDim, 30, 52, 1.0);
  for (const char* type : {"IVF16,PQ16x4fs", "IVF16,PQ2x4fs", "PCA16,IVF16,PQ8x4fs", "PQ16x4fs", "PQ2x4fs", "SQ8",
                           "PCA16,IVF16,PQ8x4", "PCA16,HNSW16", "HNSW16_SQ8", "IVF16,SQ8,RFlat"}) {
    build_index(e, dir / "idx", of_type(type));
    const auto index = Index::open(dir / "idx");
    const auto batch = index->search(queries, {.k = 10});
    const auto few = index->search(queries, {.k = 10, .where = "id < 2000"});
    for (size_t q = 0; q < kQueries; ++q) {
      const auto one = std::span(queries).subspan(q * kDim, kDim);
      EXPECT_TRUE(test::same(index->search(one, {.k = 10}).front(), batch[q])) << type << " query " << q;
      EXPECT_TRUE(test::same(index->search(one, {.k = 10, .where = "id < 2000"}).front(), few[q])) << type;
    }
  }
}

TEST(Search, BinaryCodesFindNearDuplicates) {
  const test::TempDir dir;
  const int64_t dim = 24;
  auto rows = test::clustered(3000, dim, 30, 21);
  build_index(test::write_embeddings(dir / "emb", rows, dim), dir / "idx", of_type("binary"));
  const auto index = Index::open(dir / "idx");
  EXPECT_EQ(index->info().factory, "LSHrt");
  EXPECT_LT(index->info().index_bytes, 3000U * 16);
  Random random(5, "copies");
  for (int64_t id = 0; id < 3000; id += 100) {
    std::vector<float> copy(rows.begin() + id * dim, rows.begin() + (id + 1) * dim);
    for (float& x : copy) x += 0.02F * static_cast<float>(random.normal());
    const auto hits = index->search(copy, {.k = 3}).front();
    EXPECT_EQ(hits.at(0).id, id);
    EXPECT_GT(hits.at(0).score, 0.99F);
  }
}

TEST(Search, FlatIsExactAtBatchSizesOfBothFaissPaths) {
  const test::TempDir dir;
  const auto rows = test::clustered(3000, 24, 30, 21);
  build_index(test::write_embeddings(dir / "emb", rows, 24), dir / "idx", of_type("flat"));
  const auto index = Index::open(dir / "idx");
  const auto queries = test::clustered(40, 24, 30, 22);
  for (const int64_t batch : {1, 40}) {
    for (int64_t at = 0; at < 40; at += batch) {
      const auto found = index->search(std::span(queries).subspan(size_t(at * 24), size_t(batch * 24)), {.k = 25});
      for (int64_t q = 0; q < batch; ++q)
        test::expect_exact(found[size_t(q)], &queries[size_t((at + q) * 24)], rows, 24, 25);
    }
  }
}

TEST(Search, EqualScoresAreCutById) {
  const test::TempDir dir;
  // 400 copies of one vector, more than any first over-fetch, hidden among 4,000 others.
  auto rows = test::clustered(4400, 16, 10, 31);
  for (int64_t i = 0; i < 400; ++i) std::copy_n(rows.begin(), 16, rows.begin() + 16 * (11 * i));
  const auto e = test::write_embeddings(dir / "emb", rows, 16);
  for (const char* type : {"flat", "ivf", "ivfsq8", "hnsw"}) {
    build_index(e, dir / "idx", of_type(type));
    const auto hits = Index::open(dir / "idx")->search(std::span(rows).first(16), {.k = 30}).front();
    ASSERT_EQ(hits.size(), 30u) << type;
    for (int64_t i = 0; i < 30; ++i) {
      EXPECT_EQ(hits[size_t(i)].score, hits[0].score) << type;
      if (std::string(type) == "flat" || std::string(type) == "ivf") {
        EXPECT_EQ(hits[size_t(i)].id, 11 * i) << type;
      }
    }
  }
}

TEST(Search, RecallAgainstExactOnClusteredData) {
  const test::TempDir dir;
  const auto rows = test::clustered(6000, 32, 100, 41, 0.8);
  const auto e = test::write_embeddings(dir / "emb", rows, 32);
  const std::vector<std::pair<const char*, double>> floors = {{"flat", 1.0},
                                                              {"ivf", 0.95},
                                                              {"ivfpq", 0.9},
                                                              {"ivfsq8", 0.95},
                                                              {"hnsw", 0.97},
                                                              {"SQ8", 0.99},
                                                              {"PCA16,IVF32,PQ8x8np", 0.7}};
  for (const auto& [type, floor] : floors) {
    build_index(e, dir / "idx", of_type(type));
    const double recall = verify_index(dir / "idx", 200, 5).recall_at_10;
    EXPECT_GE(recall, floor) << type;
    RecordProperty(type, std::to_string(recall));
  }
}

}  // namespace
}  // namespace winnow
