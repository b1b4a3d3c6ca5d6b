#include "retrieval/tune.h"

#include <nlohmann/json.hpp>

#include "src/core/json.h"
#include "tests/unit/retrieval/support.h"

namespace winnow {
namespace {

class Tune : public testing::Test {
 protected:
  static constexpr int64_t kDim = 16;
  Tuning tune(TuneOptions options) {
    slices_ = {test::write_embeddings(dir_ / "emb", test::clustered(3000, kDim, 60, 21), kDim)};
    options.queries = 200;
    return tune_index(slices_, dir_ / "idx", options);
  }
  test::TempDir dir_;
  std::vector<Embeddings> slices_;
};

TEST_F(Tune, TheChoiceReachesTheTargetOnFreshQueriesAndBuildAutoUsesIt) {
  TuneOptions options;
  options.target_recall = 0.9;
  options.types = {"ivf"};
  const auto tuning = tune(options);
  const auto& best = tuning.chosen();
  EXPECT_TRUE(best.reaches);
  EXPECT_GE(best.recall_at_10, 0.9);
  EXPECT_LT(best.probe, 76) << "fewer than all lists are enough";
  const auto info = build_index(slices_[0], dir_ / "idx", {});
  EXPECT_EQ(info.factory, best.factory);
  EXPECT_EQ(info.probe, best.probe);
  EXPECT_EQ(info.reason.rfind("tuned: ", 0), 0u) << info.reason;
  // Fresh queries from the same centres, none of which was measured.
  const auto all = test::clustered(4000, kDim, 60, 21);
  const std::vector<float> fresh(all.begin() + 3000 * kDim, all.end());
  const auto index = Index::open(dir_ / "idx");
  const auto exact = index->search(fresh, {.k = 10, .exact = true}), got = index->search(fresh, {.k = 10});
  int found = 0;
  for (size_t q = 0; q < exact.size(); ++q) {
    for (const auto& hit : got[q]) found += hit.score >= exact[q].back().score;
  }
  EXPECT_GT(found / 10'000.0, 0.9 - 0.03);
}

TEST_F(Tune, ASmallBudgetLeavesOutWhatDoesNotFit) {
  TuneOptions options;
  options.target_recall = 0.95;
  options.types = {"flat", "SQ8"};
  options.memory = 3000 * kDim * 2;  // half of float32
  const auto tuning = tune(options);
  EXPECT_EQ(tuning.chosen().factory, "SQ8");
  EXPECT_LE(tuning.chosen().bytes, options.memory);
}

TEST_F(Tune, NothingThatFitsOrReachesIsAnErrorThatNamesTheBest) {
  TuneOptions options;
  options.memory = 100;
  test::expect_error(ErrorCode::kConfig, [&] { tune(options); });
  options.memory = 0;
  options.target_recall = 1;
  options.types = {"IVF64,PQ2x4np"};
  const auto error = test::expect_error(ErrorCode::kConfig, [&] { tune(options); });
  EXPECT_NE(std::string(error.what()).find("IVF64,PQ2x4np"), std::string::npos) << error.what();
  EXPECT_FALSE(read_tuning(dir_ / "idx").has_value());
}

TEST_F(Tune, TheCurveIsStoredAndDamageIsNoticed) {
  TuneOptions options;
  options.types = {"flat", "ivf"};
  const auto tuning = tune(options);
  const auto stored = read_tuning(dir_ / "idx");
  ASSERT_TRUE(stored.has_value());
  EXPECT_EQ(stored->points.size(), tuning.points.size());
  EXPECT_EQ(stored->reason, tuning.reason);
  EXPECT_EQ(stored->points[0].recall_at_10, 1) << "flat is exact";
  auto json = read_json(dir_ / "idx" / "tuning.json");
  json["rows"] = 7;
  write_json_atomically(dir_ / "idx" / "tuning.json", json);
  test::expect_error(ErrorCode::kData, [&] { read_tuning(dir_ / "idx"); });
}

}  // namespace
}  // namespace winnow
