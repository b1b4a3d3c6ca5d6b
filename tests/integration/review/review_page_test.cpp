// The review page as a person uses it: rank, decide in a browser, apply what the browser saved, take it back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/core/csv.h"
#include "tests/integration/program.h"
#include "tests/integration/screenshot/sample_pictures.h"
#include "tests/support/temp_dir.h"

namespace winnow::test {
namespace {

using ::testing::ElementsAre;

const char* const kOdd = "pear, \"green\" <k>";   // a class that CSV and HTML must quote
const char* const kOther = "kurd's \"rouz\", d";  // a label that is typed, with every key of the page in it

std::string q(const fs::path& path) { return quote(path.string()); }

bool works(const std::string& command) { return std::system((command + " >/dev/null 2>&1").c_str()) == 0; }

std::vector<std::vector<std::string>> columns(const fs::path& file, const std::vector<std::string>& names) {
  const Csv csv = read_csv(file);
  std::vector<std::vector<std::string>> out;
  for (const auto& row : csv.rows) {
    out.emplace_back();
    for (const auto& name : names) out.back().push_back(row[static_cast<size_t>(csv.require_column(name))]);
  }
  return out;
}

class ReviewPage : public ::testing::Test {
 protected:
  void must(const std::string& arguments) {
    const Outcome outcome = winnow(arguments, dir_.path());
    ASSERT_EQ(outcome.exit, 0) << arguments << "\n" << outcome.err;
  }

  /// Drawings of five classes, a fifth of the labels wrong, a network that has seen the right ones, the ranking.
  void rank() {
    for (int c = 0; c < 5; ++c)
      for (int s = 0; s < 12; ++s)
        spill(dir_ / "photos" / (c == 0 ? kOdd : "class " + std::to_string(c)) / ("shot " + std::to_string(s) + ".jpg"),
              jpeg_bytes(draw_product(c, s)));
    must("noise inject " + q(dir_ / "photos") + " --rate 0.2 --out " + q(dir_ / "noisy.csv"));
    must("train data.train=" + q(dir_ / "photos") +
         " data.size=32 model.backbone=small_cnn model.dim=16 training.epochs=6 training.batch=8 "
         "training.precision=fp32 training.validate_every=0 --quiet --out " +
         q(dir_ / "run"));
    must("embed " + q(dir_ / "noisy.csv") + " --model " + q(dir_ / "run" / "model") + " --quiet --out " +
         q(dir_ / "emb"));
    must("noise rank " + q(dir_ / "emb") + " --out " + q(dir_ / "suspects.csv") + " --report " +
         q(dir_ / "review.html") + " --shown 14");
  }

  TempDir dir_;
};

TEST_F(ReviewPage, KeysDecideTheYieldShrinksAndApplyReadsWhatTheBrowserSaved) {
  const fs::path modules = fs::path(WINNOW_DEPS) / "node" / "node_modules";
  if (!works("node --version") || !fs::exists("/usr/bin/chromium") || !fs::exists(modules / "playwright-core"))
    GTEST_SKIP() << "needs node, chromium and playwright-core (scripts/bootstrap.sh --tests)";
  ASSERT_NO_FATAL_FAILURE(rank());
  const fs::path pictures = fs::path(WINNOW_BINARY_DIR) / "screenshots";
  fs::create_directories(pictures);
  const std::string command = "node '" WINNOW_SOURCE_DIR "/tests/integration/review/use_review.mjs' --modules " +
                              q(modules) + " --page " + q(dir_ / "review.html") + " --other " + quote(kOther) +
                              " --out " + q(dir_.path()) + " --pictures " + q(pictures);
  ASSERT_EQ(std::system(command.c_str()), 0) << "its lines above name each fault";

  const auto suspects = columns(dir_ / "suspects.csv", {"row", "path", "suggested", "label"});
  const char* const said[] = {"keep", "relabel", "drop", "unsure", "relabel", "relabel", "drop", "relabel"};
  const auto saved = columns(dir_ / "suspects.decisions.csv", {"row", "path", "decision", "new_label"});
  ASSERT_EQ(saved.size(), std::size(said));
  for (size_t i = 0; i < saved.size(); ++i) {
    const std::string label = i == 4 || i == 7 ? kOther : i == 1 || i == 5 ? suspects[i][2] : "";
    EXPECT_THAT(saved[i], ElementsAre(suspects[i][0], suspects[i][1], said[i], label)) << i;
  }

  const Outcome apply = winnow("noise apply " + q(dir_ / "noisy.csv") + " --decisions " +
                                   q(dir_ / "suspects.decisions.csv") + " --json --out " + q(dir_ / "clean.csv"),
                               dir_.path());
  ASSERT_EQ(apply.exit, 0) << apply.err;
  const auto counts = apply.json();
  EXPECT_EQ(counts["relabelled"], 4);
  EXPECT_EQ(counts["dropped"], 2);
  EXPECT_EQ(counts["kept"], 1);
  EXPECT_EQ(counts["unsure"], 1);
  std::map<std::string, std::string> labels;
  for (const auto& row : columns(dir_ / "clean.csv", {"row", "label"})) labels[row[0]] = row[1];
  EXPECT_EQ(labels.size(), 58u);
  EXPECT_EQ(labels.at(suspects[0][0]), suspects[0][3]);
  EXPECT_EQ(labels.at(suspects[1][0]), suspects[1][2]);
  EXPECT_FALSE(labels.contains(suspects[2][0]));
  EXPECT_EQ(labels.at(suspects[4][0]), kOther);
  must("noise revert " + q(dir_ / "clean.csv") + " --out " + q(dir_ / "back.csv"));
  EXPECT_EQ(slurp(dir_ / "back.csv"), slurp(dir_ / "noisy.csv"));
}

}  // namespace
}  // namespace winnow::test
