#include "src/report/sweep_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace winnow {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<SweepRow> rows() {
  const auto row = [](const char* method, const char* told, int64_t seed, double value) {
    return SweepRow{"noisy", method, told, seed, {{"map@r", value}}, {}, 10};
  };
  return {row("plain", "", 1, 0.20), row("plain", "", 2, 0.30), row("oracle", "which are wrong", 1, 0.50),
          row("robust", "", 1, 0.26), row("robust", "", 2, 0.40)};
}

TEST(SweepReport, MeansRangesAndPairedDifferences) {
  const auto lines = summarise_sweep(rows(), "plain");
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_THAT((std::vector<std::string>{lines[0].method, lines[1].method, lines[2].method}),
              ElementsAre("plain", "robust", "oracle"));  // what was told something stands apart
  const auto& robust = lines[1];
  EXPECT_NEAR(robust.last.at("map@r").mean, 0.33, 1e-12);
  EXPECT_EQ(robust.last.at("map@r").low, 0.26);
  EXPECT_EQ(robust.last.at("map@r").high, 0.40);
  // Differences 0.06 and 0.10: mean 0.08, standard error 0.02, t(1) = 12.706.
  const auto& gain = robust.gain.at("map@r");
  EXPECT_NEAR(gain.mean, 0.08, 1e-12);
  EXPECT_NEAR(gain.high - gain.mean, 12.706 * 0.02, 1e-9);
  EXPECT_FALSE(gain.certain());
  EXPECT_TRUE(lines[0].gain.empty());
  EXPECT_EQ(lines[2].gain.at("map@r").seeds, 1);  // only seed 1 is common
}

TEST(SweepReport, CellsNameSeedsRangesAndGain) {
  const auto cells = sweep_cells(summarise_sweep(rows(), "plain"), {"map@r"});
  EXPECT_THAT(cells.header,
              ElementsAre("data", "method", "told", "seeds", "map@r last", "map@r best", "map@r gain", "seconds"));
  EXPECT_THAT(cells.rows.at(1), ElementsAre("noisy", "robust", "nothing", "2", "0.3300 (0.2600-0.4000)", "",
                                            "0.0800 [-0.1741, 0.3341]", "10"));
}

TEST(SweepReport, TexMarksTheBestMeanAndEscapes) {
  auto all = rows();
  all.push_back({"noisy", "a_b", "", 1, {{"map@r", 0.1}}, {}, 1});
  const auto tex = sweep_tex(summarise_sweep(all, "plain"), {"map@r"});
  EXPECT_THAT(tex, HasSubstr("\\textbf{0.500}"));
  EXPECT_THAT(tex, HasSubstr("a\\_b"));
  EXPECT_EQ(tex.find("\\textbf{0.330}"), std::string::npos);
}

TEST(SweepReport, PageNamesTheWinners) {
  const test::TempDir folder;
  write_sweep_page(folder / "r.html", "sweep", rows(), summarise_sweep(rows(), "plain"), {"map@r"});
  const std::string html = read_file(folder / "r.html");
  EXPECT_THAT(html, HasSubstr("best method that was told nothing is robust"));
  EXPECT_THAT(html, HasSubstr("told which are wrong, oracle has 0.5000"));
}

}  // namespace
}  // namespace winnow
