#include "src/workflow/evaluate_index.h"

#include <gtest/gtest.h>

#include "src/core/error.h"
#include "src/workflow/evaluate.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/retrieval/support.h"

namespace winnow {
namespace {

const std::vector<std::string> kMetrics = {"recall@1", "precision@5", "map@20.gldv2", "map@60.R"};

TEST(EvaluateIndex, AFlatIndexGivesTheExactMetrics) {
  const test::TempDir dir;
  const auto rows = unit_rows(test::write_embeddings(dir / "raw", test::clustered(600, 12, 9, 3), 12));
  const auto embeddings = test::write_embeddings(dir / "all", rows, 12);
  build_index(embeddings, dir / "index", {.type = "flat"});
  const auto got = evaluate_index(dir / "all", dir / "index", {.metrics = kMetrics, .candidates = 60, .sample = 50});
  RetrievalOptions exact;
  exact.metrics = kMetrics;
  exact.only_metrics = true;
  const auto want = evaluate_folders(dir / "all", {}, exact);
  EXPECT_TRUE(got.self_left_out);
  EXPECT_EQ(got.queries, 600);
  EXPECT_EQ(got.recall, 1.0);
  EXPECT_EQ(got.first_right, 1.0);
  EXPECT_EQ(got.metrics.size(), kMetrics.size());
  for (const auto& [name, value] : got.metrics) EXPECT_NEAR(value, want.result.metrics.at(name), 1e-9) << name;
}

TEST(EvaluateIndex, AProbedListMissesSomeAndSaysSo) {
  const test::TempDir dir;
  const auto embeddings = test::write_embeddings(dir / "all", test::clustered(3000, 12, 9, 3, 2.0), 12);
  build_index(embeddings, dir / "index", {.type = "IVF64,Flat", .probe = 1});
  const auto got = evaluate_index(dir / "all", dir / "index", {.ks = {1}, .candidates = 50});
  EXPECT_GT(got.recall, 0.1);
  EXPECT_LT(got.recall, 0.95);
  EXPECT_NE(index_evaluation_text(got).find("not an exact evaluation"), std::string::npos);
  EXPECT_EQ(got.metrics.size(), 3u);
}

TEST(EvaluateIndex, RefusesWhatACutListCannotTell) {
  const test::TempDir dir;
  const auto embeddings = test::write_embeddings(dir / "all", test::clustered(300, 4, 9, 3), 4);
  build_index(embeddings, dir / "index", {.type = "flat"});
  for (const char* deep : {"mrr", "ap.finite", "recall@11"})
    EXPECT_THROW(evaluate_index(dir / "all", dir / "index", {.metrics = {deep}, .candidates = 10}), Error) << deep;
  EXPECT_THROW(evaluate_index(dir / "all", dir / "index", {.metrics = {"map@r"}, .candidates = 40}), Error);
}

}  // namespace
}  // namespace winnow
