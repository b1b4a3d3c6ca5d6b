#include "src/workflow/picture_encoder.h"

#include <gtest/gtest.h>

#include <cmath>

#include "retrieval/postprocess/whitening_file.h"
#include "src/image/codec.h"
#include "src/workflow/embed_source.h"
#include "src/workflow/query_engine.h"
#include "tests/support/expect_error.h"
#include "tests/unit/src/training/training_support.h"

namespace winnow {
namespace {

/// A model folder and the embeddings of the shared pictures, made by a recipe, as an index.
class PictureEncoderTest : public testing::Test {
 protected:
  void SetUp() override { save(dir_ / "model", 5); }

  static void save(const fs::path& folder, uint64_t seed) {
    ModelOptions options;
    options.backbone = "small_cnn";
    options.dim = 16;
    Preprocessing preprocessing;
    preprocessing.size = 24;
    preprocessing.crop_ratio = 0.9;
    const auto model = make_model(options, preprocessing, seed);
    model->train(false);
    save_model(folder, *model, options, {});
  }

  EmbedOptions plain() const {
    EmbedOptions options;
    options.device = "cpu";
    return options;
  }

  Embeddings embed(const EmbedOptions& options, const std::string& name) const {
    LoadedModel model = load_model(dir_ / "model");
    DataSource source;
    source.data = test::TinyData::get().val.string();
    embed_source(source, model, dir_ / "model", options, dir_ / name);
    return Embeddings::open(dir_ / name);
  }

  /// The picture of a row through encoder and query engine, against the row itself.
  void expect_same_vectors(const EmbedOptions& options) {
    const Embeddings e = embed(options, "emb");
    build_index(e, dir_ / "idx", {});
    const IndexInfo info = read_index_info(dir_ / "idx");
    const PictureEncoder encoder(dir_ / "model", dir_ / "idx", info);
    EXPECT_EQ(encoder.dim(), e.dim());
    QueryEngine engine(dir_ / "idx", {});
    for (const int64_t row : {0, 11, 23}) {
      const fs::path file = test::TinyData::get().val / e.items()[size_t(row)].path;
      const std::string bytes = read_file(file);
      const Image views[] = {
          encoder.view(encoder.decode(std::as_bytes(std::span(bytes)), "x", 1'000'000, true), std::nullopt)};
      const auto vector = encoder.embed(views).at(0);
      ASSERT_EQ(static_cast<int64_t>(vector.size()), e.dim());
      for (int64_t d = 0; d < e.dim(); ++d) EXPECT_NEAR(vector[size_t(d)], e.vector(row)[size_t(d)], 2e-5) << row;
      const auto answer = engine.by_image(file, {.k = 1});
      EXPECT_EQ(answer.hits.at(0).id, e.items()[size_t(row)].id);
      EXPECT_NEAR(answer.hits.at(0).score, 1, 1e-5);
    }
  }

  test::TempDir dir_;
};

TEST_F(PictureEncoderTest, AQueryPictureGetsTheVectorItHasInTheEmbeddings) {
  for (const bool flip : {false, true})
    for (const auto& scales : {std::vector<double>{}, std::vector<double>{0.7071, 1.5}}) {
      EmbedOptions options = plain();
      options.recipe.flip = flip;
      options.recipe.further_scales = scales;
      expect_same_vectors(options);
    }
}

TEST_F(PictureEncoderTest, PoolingAndWhiteningAreFollowedToo) {
  EmbedOptions options = plain();
  options.recipe.flip = true;
  options.recipe.pool = {"gem", 4};
  options.whitening = std::make_shared<const Whitening>(learn_whitening(embed(options, "raw"), "pairs", 6));
  expect_same_vectors(options);
  EXPECT_EQ(Embeddings::open(dir_ / "emb").dim(), 6);
  EmbedOptions like = plain();
  follow_recipe(dir_ / "idx", like);
  EXPECT_EQ(like.recipe.text(), options.recipe.text());
  EXPECT_EQ(whitening_digest(*like.whitening), whitening_digest(*options.whitening));
  options.recipe.pool = {"rmac", 3};
  options.whitening = nullptr;
  expect_same_vectors(options);
}

TEST_F(PictureEncoderTest, RefusesAnotherModelAndAWhiteningThatIsGone) {
  EmbedOptions options = plain();
  const Embeddings raw = embed(options, "emb");
  build_index(raw, dir_ / "idx", {});
  save(dir_ / "other", 6);
  test::error_of(ErrorCode::kMismatch,
                 [&] { PictureEncoder(dir_ / "other", dir_ / "idx", read_index_info(dir_ / "idx")); });
  whiten_embeddings(raw, learn_whitening(raw, "pca", 0), dir_ / "white");
  build_index(Embeddings::open(dir_ / "white"), dir_ / "white.idx", {});
  const IndexInfo info = read_index_info(dir_ / "white.idx");
  test::error_of(ErrorCode::kNotFound, [&] { PictureEncoder(dir_ / "model", dir_ / "idx", info); });
}

}  // namespace
}  // namespace winnow
