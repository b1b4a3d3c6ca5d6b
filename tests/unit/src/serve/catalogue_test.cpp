#include "src/serve/catalogue.h"

#include <gtest/gtest.h>

#include <random>

#include "retrieval/embeddings.h"
#include "tests/support/temp_dir.h"

namespace winnow {
namespace {

CatalogueHit hit(int64_t id, float score) { return {{id, "", "", {}}, score, "", {}}; }

/// 60 items of three labels around three axes, and a column of two values.
void build(const fs::path& folder, int items = 60) {
  std::mt19937 random(7);
  std::normal_distribution<float> noise(0, 0.1F);
  EmbeddingsInfo info;
  info.dim = 4;
  info.extra_columns = {"shop"};
  EmbeddingsWriter writer(folder / "emb", 4, items, info);
  for (int i = 0; i < items; ++i) {
    std::vector<float> v(4);
    for (float& x : v) x = noise(random);
    v[static_cast<size_t>(i % 3)] += 1;
    writer.add({i, "", std::string(1, static_cast<char>('a' + i % 3)), {i % 2 ? "north" : "south"}}, v);
  }
  writer.commit();
  build_index(Embeddings::open(folder / "emb"), folder / "idx", {});
}

TEST(Catalogue, DuplicatesFoldIntoTheBestOfThem) {
  const std::vector<std::vector<float>> vectors{{1, 0}, {0.999F, 0.0447F}, {0, 1}, {0.0447F, 0.999F}, {0.6F, 0.8F}};
  const auto out =
      collapse_duplicates({hit(1, 0.9F), hit(2, 0.8F), hit(3, 0.7F), hit(4, 0.6F), hit(5, 0.5F)}, vectors, 0.99, 10);
  ASSERT_EQ(out.size(), 3U);
  EXPECT_EQ(out[0].duplicates, std::vector<int64_t>{2});
  EXPECT_EQ(out[1].item.id, 3);
  EXPECT_EQ(out[1].duplicates, std::vector<int64_t>{4});
  EXPECT_EQ(out[2].item.id, 5);
  EXPECT_EQ(collapse_duplicates({hit(1, 0.9F), hit(2, 0.8F), hit(3, 0.7F)}, vectors, 0.99, 1).size(), 1U);
}

TEST(Catalogue, WordsFacetsAndSearch) {
  const test::TempDir folder;
  build(folder.path());
  CatalogueOptions options;
  options.index = folder / "idx";
  Catalogue catalogue(options);
  const ScoreWords words = catalogue.words();
  EXPECT_GT(words.pairs, 500);
  EXPECT_STREQ(words.word(1), "same");
  const auto facets = catalogue.facets();
  ASSERT_EQ(facets.size(), 2U);
  EXPECT_EQ(facets[0].column, "label");
  EXPECT_EQ(facets[0].values.size(), 3U);
  EXPECT_EQ(facets[1].values[0].second, 30);
  QueryForm form;
  form.id = 4;
  form.k = 5;
  StepTimes steps;
  const auto answer =
      catalogue.search(form, "\"shop\" = 'north'", Batcher::Clock::now() + std::chrono::seconds(5), steps);
  ASSERT_EQ(answer.hits.size(), 5U);
  EXPECT_TRUE(answer.confident);
  for (const auto& one : answer.hits) {
    EXPECT_EQ(one.item.columns.at(0).second, "north");
    EXPECT_NE(one.item.id, 4);
  }
  form.id.reset();
  form.vector = {0, 0, 0, 1};
  EXPECT_FALSE(catalogue.search(form, "", Batcher::Clock::now() + std::chrono::seconds(5), steps).confident);
}

TEST(Catalogue, APictureWithoutAModelIsAConflict) {
  const test::TempDir folder;
  build(folder.path());
  CatalogueOptions options;
  options.index = folder / "idx";
  const Catalogue catalogue(options);
  QueryForm form;
  form.picture = "bytes";
  StepTimes steps;
  try {
    catalogue.search(form, "", Batcher::Clock::now() + std::chrono::seconds(5), steps);
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(http_status(e), 409);
  }
}

TEST(Catalogue, FewLabelsGiveNoWords) {
  const test::TempDir folder;
  build(folder.path(), 4);
  CatalogueOptions options;
  options.index = folder / "idx";
  Catalogue catalogue(options);
  EXPECT_EQ(catalogue.words().pairs, 0);
  EXPECT_STREQ(catalogue.words().word(1), "");
}

TEST(Catalogue, UploadsAreKnownByTheirForm) {
  EXPECT_TRUE(Catalogue::is_upload("picture:" + std::string(64, 'a')));
  for (const std::string& other :
       {std::string("picture:"), "picture:" + std::string(63, 'a'), "picture:" + std::string(64, '/'),
        "picture:../" + std::string(61, 'a'), "x" + std::string(71, 'a')})
    EXPECT_FALSE(Catalogue::is_upload(other)) << other;
}

}  // namespace
}  // namespace winnow
