#include <gtest/gtest.h>

#include "src/core/half.h"
#include "src/workflow/evaluate.h"
#include "src/workflow/evaluate_index.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/retrieval/support.h"

namespace winnow {
namespace {

/// Unit rows as a float16 folder ("half") and the same rows, rounded to half, as a float32 folder ("single").
class EvaluateHalf : public testing::Test {
 protected:
  static constexpr int64_t kRows = 700, kDim = 24;

  void SetUp() override {
    const auto unit = unit_rows(test::write_embeddings(dir_ / "raw", test::clustered(kRows, kDim, 9, 3, 1.0), kDim));
    write("half", unit, "float16");
    auto rounded = unit;
    for (float& v : rounded) v = half_to_float(half_from_float(v));
    write("single", rounded, "float32");
  }

  void write(const std::string& name, const std::vector<float>& rows, const std::string& dtype) const {
    EmbeddingsInfo info;
    info.model_digest = "model";
    info.preprocessing_digest = "pre";
    info.dtype = dtype;
    EmbeddingsWriter writer(dir_ / name, kDim, kRows, info);
    for (int64_t i = 0; i < kRows; ++i)
      writer.add({i, "p" + std::to_string(i), std::to_string(i % 7), {}},
                 std::span(rows).subspan(static_cast<size_t>(i * kDim), kDim));
    writer.commit();
  }

  test::TempDir dir_;
};

TEST_F(EvaluateHalf, MetricsAreThoseOfTheRoundedRowsBitForBit) {
  for (const bool first_ranks : {false, true}) {
    RetrievalOptions options;
    options.metrics = {"recall@1", "map@20.gldv2"};
    options.only_metrics = first_ranks;
    const auto half = evaluate_folders(dir_ / "half", {}, options),
               single = evaluate_folders(dir_ / "single", {}, options);
    EXPECT_EQ(half.result.metrics, single.result.metrics);
    ASSERT_EQ(half.result.queries.size(), single.result.queries.size());
    for (size_t q = 0; q < half.result.queries.size(); ++q) {
      const auto &a = half.result.queries[q], &b = single.result.queries[q];
      EXPECT_EQ(a.first_rank, b.first_rank);
      EXPECT_EQ(a.ap_finite, b.ap_finite);
      EXPECT_EQ(a.top[0].gallery_row, b.top[0].gallery_row);
      EXPECT_EQ(a.top[0].score, b.top[0].score);
    }
    EXPECT_EQ(half.result.positive_histogram, single.result.positive_histogram);
  }
}

/// Half rows are of unit length to 1 in 2,000 only; the first ranks must still be those of a plain ranking.
TEST_F(EvaluateHalf, FirstRanksAreThoseOfWholeRankings) {
  RetrievalOptions whole, first;
  whole.metrics = first.metrics = {"recall@1", "map@20.gldv2", "precision@5"};
  first.only_metrics = true;
  const auto a = evaluate_folders(dir_ / "half", {}, whole), b = evaluate_folders(dir_ / "half", {}, first);
  for (const auto& [name, value] : b.result.metrics) EXPECT_EQ(value, a.result.metrics.at(name)) << name;
}

TEST_F(EvaluateHalf, AnIndexIsBuiltOfThemAndScored) {
  build_index(Embeddings::open(dir_ / "half"), dir_ / "index", {.type = "flat"});
  const auto half = evaluate_index(dir_ / "half", dir_ / "index", {.sample = 50}),
             single = evaluate_index(dir_ / "single", dir_ / "index", {.sample = 50});
  EXPECT_EQ(half.metrics, single.metrics);
  EXPECT_EQ(half.recall, 1.0);
}

TEST_F(EvaluateHalf, MappedVectorsAreNotMeasuredAsMemory) {
  RetrievalOptions options;
  options.memory = uint64_t{64} << 20;
  const auto run = evaluate_folders(dir_ / "half", {}, options);
  EXPECT_LE(run.stated_memory, options.memory);
  EXPECT_LE(run.measured_memory, run.stated_memory + (uint64_t{4} << 20));  // stacks and arenas of the threads
}

}  // namespace
}  // namespace winnow
