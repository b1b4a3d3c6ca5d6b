#include "retrieval/index_edit.h"

#include "tests/unit/retrieval/support.h"

namespace winnow {
namespace {

using test::expect_error;

class Edit : public testing::Test {
 protected:
  static constexpr int64_t kDim = 8;
  void SetUp() override { build_index(emb("emb", 0, 100, 1), dir_ / "idx", test::of_type("flat")); }
  /// Ids from..to-1, labels id % 7, vectors around one centre a label.
  Embeddings emb(const std::string& name, int64_t from, int64_t to, uint64_t seed, double noise = 0.3,
                 const std::string& model = "model") {
    std::vector<float> rows;
    EmbeddingsInfo info;
    info.model_digest = model;
    info.preprocessing_digest = "pre";
    EmbeddingsWriter writer(dir_ / name, kDim, to - from, info);
    for (int64_t id = from; id < to; ++id) {
      Random centre(seed, "centre", static_cast<uint64_t>(id % 7)), random(seed, "row", static_cast<uint64_t>(id));
      std::vector<float> v;
      for (int64_t d = 0; d < kDim; ++d) v.push_back(static_cast<float>(centre.normal() + noise * random.normal()));
      writer.add({id, "p" + std::to_string(id), std::to_string(id % 7), {}}, v);
    }
    writer.commit();
    return Embeddings::open(dir_ / name);
  }
  test::TempDir dir_;
};

TEST_F(Edit, AddRefusesKnownIdsUnlessToldToUpdate) {
  const std::vector<Embeddings> more = {emb("more", 90, 110, 2)};
  const auto error = expect_error(ErrorCode::kData, [&] { add_to_index(dir_ / "idx", more, false); });
  EXPECT_NE(std::string(error.what()).find("90 (p90)"), std::string::npos) << error.what();
  EXPECT_EQ(read_index_info(dir_ / "idx").live, 100) << "nothing was written";
  const auto written = add_to_index(dir_ / "idx", more, true);
  EXPECT_EQ(written.inserted, 10);
  EXPECT_EQ(written.replaced, 10);
  EXPECT_EQ(read_index_info(dir_ / "idx").live, 110);
  const std::vector<Embeddings> foreign = {emb("foreign", 200, 210, 2, 0.3, "another model")};
  expect_error(ErrorCode::kMismatch, [&] { add_to_index(dir_ / "idx", foreign, false); });
}

TEST_F(Edit, RemoveTakesIdsAndAConditionTogether) {
  RemovalOptions options;
  options.ids = {3, 1000};
  expect_error(ErrorCode::kNotFound, [&] { remove_from_index(dir_ / "idx", options); });
  EXPECT_EQ(read_index_info(dir_ / "idx").live, 100);
  options.missing_ok = true;
  options.where = "id >= 90";
  EXPECT_EQ(remove_from_index(dir_ / "idx", options).removed, 11);
  EXPECT_TRUE(verify_index(dir_ / "idx", 50, 1).ok);
}

TEST_F(Edit, SlicesBuildTheSameIndexAsTheWhole) {
  const auto whole = emb("whole", 0, 100, 1);
  IndexMergeOptions merge;
  merge.build.type = "flat";
  for (int64_t i = 0; i < 3; ++i) {
    auto options = test::of_type("flat");
    options.slice = i;
    options.slices = 3;
    EXPECT_EQ(build_index(whole, dir_ / ("part" + std::to_string(i)), options).count, i == 0 ? 34 : 33);
  }
  const auto info = merge_indexes({dir_ / "part0", dir_ / "part1", dir_ / "part2"}, dir_ / "merged", merge);
  EXPECT_EQ(info.count, 100);
  const auto merged = Index::open(dir_ / "merged"), built = Index::open(dir_ / "idx");
  for (const int64_t id : {0, 13, 99}) {
    EXPECT_TRUE(
        test::same(merged->search(merged->vector(id), {}).front(), built->search(built->vector(id), {}).front()));
  }
  const std::vector<Embeddings> parts = {emb("a", 0, 50, 1), emb("b", 50, 100, 1)};
  EXPECT_EQ(build_index(std::span<const Embeddings>(parts), dir_ / "two", test::of_type("flat")).count, 100);
  const std::vector<Embeddings> twice = {emb("c", 0, 50, 1), emb("d", 40, 60, 1)};
  expect_error(ErrorCode::kData,
               [&] { build_index(std::span<const Embeddings>(twice), dir_ / "twice", test::of_type("flat")); });
}

TEST_F(Edit, MergeDecidesAboutAnIdInBothAsTold) {
  build_index(emb("other", 95, 105, 2), dir_ / "other-idx", test::of_type("flat"));
  IndexMergeOptions options;
  expect_error(ErrorCode::kData, [&] { merge_indexes({dir_ / "idx", dir_ / "other-idx"}, dir_ / "m", options); });
  for (const std::string which : {"first", "last"}) {
    options.duplicates = which;
    EXPECT_EQ(merge_indexes({dir_ / "idx", dir_ / "other-idx"}, dir_ / "m", options).count, 105);
    const auto from = Index::open(dir_ / (which == "first" ? "idx" : "other-idx"));
    EXPECT_EQ(Index::open(dir_ / "m")->vector(97), from->vector(97)) << which;
  }
}

TEST_F(Edit, MigrationSwapsToABetterModelAndKeepsTheOldOneForAWorse) {
  const auto better = emb("better", 0, 100, 3, 0.05, "new model");
  const auto good = migrate_index(dir_ / "idx", better, nullptr, nullptr, {});
  EXPECT_TRUE(good.swapped);
  EXPECT_EQ(good.recall_after, 1);
  EXPECT_EQ(read_index_info(dir_ / "idx").model_digest, "new model");
  EXPECT_EQ(read_index_info(dir_ / "idx").history.back().what, "migrate");
  const auto bad = migrate_index(dir_ / "idx", emb("worse", 0, 100, 4, 5, "bad model"), nullptr, nullptr, {});
  EXPECT_FALSE(bad.swapped);
  EXPECT_LT(bad.recall_after, 0.7);
  EXPECT_EQ(read_index_info(dir_ / "idx").model_digest, "new model");
  EXPECT_TRUE(verify_index(dir_ / "idx", 10, 1).ok);
  expect_error(ErrorCode::kData, [&] { migrate_index(dir_ / "idx", emb("few", 0, 99, 3), nullptr, nullptr, {}); });
}

}  // namespace
}  // namespace winnow
