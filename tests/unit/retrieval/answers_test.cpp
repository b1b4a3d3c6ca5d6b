#include "retrieval/postprocess/answers.h"

#include "retrieval/score_words.h"
#include "tests/unit/retrieval/support.h"

namespace winnow {
namespace {

class Answers : public testing::Test {
 protected:
  /// Unit vectors at angles (degrees), labels and a column "shop".
  void make(const std::vector<double>& angles, const std::vector<std::string>& labels,
            const std::vector<std::string>& shops) {
    std::vector<float> rows;
    std::vector<EmbeddedItem> items;
    for (size_t i = 0; i < angles.size(); ++i) {
      rows.push_back(static_cast<float>(std::cos(angles[i] * M_PI / 180)));
      rows.push_back(static_cast<float>(std::sin(angles[i] * M_PI / 180)));
      items.push_back({static_cast<int64_t>(i), "p", labels[i], {shops[i]}});
    }
    build_index(test::write_embeddings(dir_ / "emb", rows, 2, items, {"shop"}), dir_ / "idx", test::of_type("flat"));
    index_ = Index::open(dir_ / "idx");
  }
  std::vector<int64_t> ids(const std::vector<RefinedHit>& hits) {
    std::vector<int64_t> out;
    for (const auto& hit : hits) out.push_back(hit.id);
    return out;
  }
  test::TempDir dir_;
  std::unique_ptr<Index> index_;
  const std::vector<float> east_ = {2, 0};  // of any length
};

TEST_F(Answers, DuplicatesCollapseIntoTheBetterHit) {
  make({1, 2, 30, 31, 60}, {"a", "a", "b", "b", "c"}, {"x", "y", "x", "y", "z"});
  RefineOptions options;
  options.collapse = 0.999;
  const auto hits = refined_search(*index_, east_, {.k = 2}, options);
  EXPECT_EQ(ids(hits), (std::vector<int64_t>{0, 2}));
  EXPECT_EQ(hits[0].duplicates, (std::vector<int64_t>{1}));
  EXPECT_EQ(hits[1].duplicates, (std::vector<int64_t>{3}));
}

TEST_F(Answers, OneHitAGroup) {
  make({1, 2, 30, 31, 60}, {"a", "a", "b", "b", "c"}, {"x", "y", "x", "y", "z"});
  RefineOptions options;
  options.group_by = "shop";
  EXPECT_EQ(ids(refined_search(*index_, east_, {.k = 3}, options)), (std::vector<int64_t>{0, 1, 4}));
  options.group_by = "label";
  EXPECT_EQ(ids(refined_search(*index_, east_, {.k = 9}, options)), (std::vector<int64_t>{0, 2, 4}));
  options.group_by = "shp";
  const auto error = test::expect_error(ErrorCode::kUsage, [&] { refined_search(*index_, east_, {}, options); });
  EXPECT_NE(std::string(error.what()).find("did you mean 'shop'"), std::string::npos) << error.what();
}

TEST_F(Answers, ExpansionTurnsTheQueryTowardsItsHits) {
  make({20, 25, -40, 60}, {"a", "a", "b", "a"}, {"x", "x", "x", "x"});
  EXPECT_EQ(ids(refined_search(*index_, east_, {.k = 4}, {})), (std::vector<int64_t>{0, 1, 2, 3}));
  RefineOptions options;
  options.expand = 2;
  const auto hits = refined_search(*index_, east_, {.k = 4}, options);
  EXPECT_EQ(ids(hits), (std::vector<int64_t>{0, 1, 3, 2})) << "at about 14 degrees 60 is nearer than -40";
  for (const std::string method : {"k-reciprocal", "diffusion", "superglobal"}) {
    options = {};
    options.rerank = method;
    EXPECT_EQ(refined_search(*index_, east_, {.k = 4}, options).size(), 4u) << method;
  }
}

TEST_F(Answers, WordsComeFromHowOftenSuchPairsAgree) {
  // Pairs within 2 degrees agree, pairs 90 degrees apart do not.
  make({0, 1, 90, 91, 180, 181}, {"a", "a", "b", "b", "c", "c"}, {"x", "x", "x", "x", "x", "x"});
  const auto words = calibrate_scores(*index_, 100, 1);
  EXPECT_EQ(words.queries, 6);
  EXPECT_NEAR(words.match, std::cos(M_PI / 180), 1e-5);
  EXPECT_EQ(words.word(1.f), "match");
  EXPECT_EQ(words.word(-0.5f), "unlikely");
  EXPECT_EQ(words.verdict(-0.5f), "no confident match");
  EXPECT_EQ(words.verdict(1.f), "match");
  write_score_words(dir_ / "idx", words);
  EXPECT_EQ(read_score_words(dir_ / "idx", "model")->match, words.match);
  EXPECT_FALSE(read_score_words(dir_ / "idx", "another model").has_value());
}

}  // namespace
}  // namespace winnow
