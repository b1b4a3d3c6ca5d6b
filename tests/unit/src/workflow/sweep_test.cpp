#include "src/workflow/sweep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/core/error.h"
#include "tests/support/expect_error.h"
#include "tests/unit/src/training/training_support.h"

namespace winnow {
namespace {

using ::testing::HasSubstr;

std::string sweep_text(const std::string& methods) {
  const auto& data = test::TinyData::get();
  return "name: tiny\nseeds: [1, 2]\nmetrics: [recall@1]\nsettings:\n  - data.train=" + data.train.string() +
         "\n  - data.val=" + data.val.string() +
         "\n  - data.size=24\n  - data.max_bad=0\n  - model.backbone=small_cnn\n  - model.dim=8\n  - "
         "training.batch=16\n"
         "  - training.epochs=2\n  - training.precision=fp32\ndata:\n  clean: []\nmethods:\n" +
         methods;
}

class SweepTest : public ::testing::Test {
 protected:
  fs::path write(const std::string& text) {
    write_file_atomically(folder_ / "sweep.yaml", text);
    return folder_ / "sweep.yaml";
  }
  Sweep read(const std::string& text) { return read_sweep(write(text), folder_ / "out"); }
  test::TempDir folder_;
};

TEST_F(SweepTest, ReadsTheGridInOrder) {
  const Sweep sweep =
      read(sweep_text("  plain: [loss=normalized_softmax]\n  arc: {told: nothing, set: loss=arcface}\n"));
  ASSERT_EQ(sweep.cells.size(), 4u);
  EXPECT_EQ(sweep.baseline, "plain");
  EXPECT_EQ(sweep.cells[3].method, "arc");
  EXPECT_EQ(sweep.cells[3].told, "nothing");
  EXPECT_EQ(sweep.cells[3].settings.back(), "training.seed=2");
  EXPECT_EQ(sweep.cells[3].folder, folder_ / "out/clean/arc/seed-2");
}

TEST_F(SweepTest, NamesUnknownKeysWithTheNearest) {
  const auto message = test::error_of(ErrorCode::kConfig, [&] { read("name: a\nmetods: {}\n"); });
  EXPECT_THAT(message, HasSubstr("did you mean 'methods'"));
}

TEST_F(SweepTest, RefusesUnequalBudgets) {
  const Sweep sweep = read(sweep_text("  plain: []\n  longer: [training.epochs=3]\n"));
  const auto message = test::error_of(ErrorCode::kConfig, [&] { run_sweep(sweep, folder_ / "out", {}); });
  EXPECT_THAT(message, HasSubstr("small_cnn at 24 px, 8 steps of 16"));
  EXPECT_THAT(message, HasSubstr("longer has small_cnn at 24 px, 12 steps of 16"));
}

TEST_F(SweepTest, BudgetsFollowTheDataOfEachCell) {
  std::string text = sweep_text("  plain: []\n");
  const std::string entry = "  clean: []\n";
  text.replace(text.find(entry), entry.size(), entry + "  few: [data.val_classes=0.5, data.val=\"\"]\n  again: []\n");
  const Sweep sweep = read(text);
  const auto budgets = cell_budgets(sweep, sweep.cells);
  ASSERT_EQ(budgets.size(), 6u);
  for (const size_t full : {0, 1, 4, 5}) EXPECT_EQ(budgets[full], "small_cnn at 24 px, 8 steps of 16") << full;
  for (const size_t half : {2, 3}) EXPECT_EQ(budgets[half], "small_cnn at 24 px, 4 steps of 16") << half;
}

TEST_F(SweepTest, RunsResumesAndWritesTables) {
  const Sweep sweep = read(sweep_text("  plain: []\n  arc: [loss=arcface]\n"));
  const auto rows = run_sweep(sweep, folder_ / "out", {"seed-1", {}});
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].last.count("recall@1"), 1u);
  const auto first = fs::last_write_time(folder_ / "out/clean/plain/seed-1/result.json");
  EXPECT_EQ(run_sweep(sweep, folder_ / "out", {}).size(), 4u);
  EXPECT_EQ(fs::last_write_time(folder_ / "out/clean/plain/seed-1/result.json"), first);  // not run again
  const auto results = read_sweep_results(folder_ / "out");
  ASSERT_EQ(results.rows.size(), 4u);
  EXPECT_EQ(results.rows[0].last, rows[0].last);
  for (const char* file : {"results.csv", "table.csv", "table.tex", "report.html"})
    EXPECT_TRUE(fs::exists(folder_ / "out" / file)) << file;
}

TEST_F(SweepTest, MergesSweepsAndRefusesTheSameRunTwice) {
  const SweepRow row{"clean", "plain", "", 1, {{"recall@1", 0.5}}, {}, 1};
  write_sweep_results(folder_ / "a", {"a", "plain", {"recall@1"}, {row}});
  SweepRow other = row;
  other.method = "arc";
  write_sweep_results(folder_ / "b", {"b", "arc", {"recall@1"}, {other}});
  const auto both = merge_sweeps({folder_ / "a", folder_ / "b"});
  EXPECT_EQ(both.rows.size(), 2u);
  EXPECT_EQ(both.baseline, "plain");
  const auto message = test::error_of(ErrorCode::kData, [&] { merge_sweeps({folder_ / "a", folder_ / "a"}); });
  EXPECT_THAT(message, HasSubstr("clean/plain/seed-1"));
}

TEST_F(SweepTest, RefusesAFinishedRunWithOtherSettings) {
  run_sweep(read(sweep_text("  plain: []\n")), folder_ / "out", {"seed-1", {}});
  const Sweep other = read(sweep_text("  plain: [training.learning_rate=0.5]\n"));
  const auto message = test::error_of(ErrorCode::kUsage, [&] { run_sweep(other, folder_ / "out", {"seed-1", {}}); });
  EXPECT_THAT(message, HasSubstr("other settings"));
}

}  // namespace
}  // namespace winnow
