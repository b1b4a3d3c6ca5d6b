// Runs every fuzz target over its seed corpus and over mutations of it, so that targets and corpora cannot rot and each
// build has a short fuzz run. Inputs depend on nothing but the seed below.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "src/core/files.h"
#include "src/core/random.h"
#include "tests/fuzz/targets.h"

namespace winnow {
namespace {

constexpr uint64_t kMutations = 2000;

std::vector<std::string> seeds(const std::string& name) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(fs::path(WINNOW_SOURCE_DIR) / "tests/fuzz/corpus" / name))
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<std::string> texts;
  for (const auto& file : files) texts.push_back(read_file(file));
  return texts;
}

/// One small change of the kinds libFuzzer makes: bytes, cuts, repeats, splices, and the tokens parsers look for.
void mutate(std::string& text, const std::vector<std::string>& corpus, Random& random) {
  static const std::vector<std::string> tokens = {"\"",
                                                  ",",
                                                  "\n",
                                                  "\r\n",
                                                  ": ",
                                                  "- ",
                                                  "[",
                                                  "]",
                                                  "{",
                                                  "}",
                                                  "&a ",
                                                  "*a",
                                                  "|\n",
                                                  "<<",
                                                  "---\n",
                                                  "'",
                                                  "#",
                                                  "!!str ",
                                                  "\t",
                                                  "\xEF\xBB\xBF",
                                                  std::string(1, '\0'),
                                                  "\xFF",
                                                  "(",
                                                  ")",
                                                  "99999999999999999999",
                                                  "-1",
                                                  ".nan",
                                                  "name",
                                                  "loss",
                                                  "training",
                                                  "descr",
                                                  "shape"};
  const size_t at = random.below(text.size() + 1);
  const size_t length = random.below(std::min<size_t>(text.size() - at, 16) + 1);
  switch (random.below(6)) {
    case 0: text.insert(at, tokens[random.below(tokens.size())]); break;
    case 1: text.erase(at, length); break;
    case 2: text.insert(at, text.substr(at, length)); break;
    case 3: text.resize(at); break;
    case 4: text = text.substr(0, at) + corpus[random.below(corpus.size())]; break;
    default:
      if (at < text.size()) text[at] = static_cast<char>(random.below(256));
  }
}

void run(const std::string& name, int (*target)(const uint8_t*, size_t)) {
  const auto corpus = seeds(name);
  ASSERT_GE(corpus.size(), 5u);
  const auto feed = [&](const std::string& text) {
    return target(reinterpret_cast<const uint8_t*>(text.data()), text.size());
  };
  EXPECT_EQ(feed(""), 0);
  for (const auto& text : corpus) EXPECT_EQ(feed(text), 0);
  for (uint64_t i = 0; i < kMutations; ++i) {
    Random random(1, "fuzz-" + name, i);
    std::string text = corpus[random.below(corpus.size())];
    for (uint64_t change = 1 + random.below(5); change > 0; --change) mutate(text, corpus, random);
    ASSERT_EQ(feed(text), 0);
  }
}

TEST(FuzzCorpus, Csv) { run("csv", fuzz::fuzz_csv); }
TEST(FuzzCorpus, Npy) { run("npy", fuzz::fuzz_npy); }
TEST(FuzzCorpus, Config) { run("config", fuzz::fuzz_config); }
TEST(FuzzCorpus, Pickle) { run("pickle", fuzz::fuzz_pickle); }
TEST(FuzzCorpus, Face) { run("face", fuzz::fuzz_face); }
TEST(FuzzCorpus, Bin) { run("bin", fuzz::fuzz_bin); }
TEST(FuzzCorpus, Pairs) { run("pairs", fuzz::fuzz_pairs); }
TEST(FuzzCorpus, Lists) { run("lists", fuzz::fuzz_lists); }
TEST(FuzzCorpus, Truth) { run("truth", fuzz::fuzz_truth); }
TEST(FuzzCorpus, Compare) { run("compare", fuzz::fuzz_compare); }

TEST(FuzzDeathTest, ABrokenInvariantEndsTheProcess) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_DEATH(fuzz::require(false, "two is three"), "broken invariant: two is three");
}

}  // namespace
}  // namespace winnow
