#include "src/training/embedder.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "retrieval/postprocess/whitening_file.h"
#include "src/core/interrupt.h"
#include "src/training/embed_stream.h"
#include "tests/support/expect_error.h"
#include "tests/unit/src/training/training_support.h"

namespace winnow {
namespace {

using test::TinyData;

LoadedModel tiny_model() {
  LoadedModel out;
  out.options.backbone = "small_cnn";
  out.options.dim = 16;
  Preprocessing preprocessing;
  preprocessing.size = 24;
  preprocessing.crop_ratio = 1.0;
  out.model = make_model(out.options, preprocessing, 5);
  out.model->train(false);
  out.card.weights_digest = "digest";
  return out;
}

EmbedOptions cpu_options() {
  EmbedOptions out;
  out.device = "cpu";
  out.batch = 10;
  return out;
}

Image read_picture(const fs::path& file) {
  const std::string bytes = read_file(file);
  return decode_image(std::as_bytes(std::span(bytes)), file.string());
}

double largest_difference(std::span<const float> a, std::span<const float> b) {
  double out = a.size() == b.size() ? 0 : 1e9;
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) out = std::max<double>(out, std::fabs(a[i] - b[i]));
  return out;
}

TEST(Embedder, FolderHoldsWhatTheModelGivesForEachFile) {
  LoadedModel model = tiny_model();
  const Dataset dataset = read_dataset({TinyData::get().val, {}, "", "label", "path", {}});
  const test::TempDir dir;
  EmbedOptions options = cpu_options();
  options.model_path = "/models/a";
  const EmbedResult result = embed_dataset(dataset, model, options, dir / "emb");
  EXPECT_EQ(result.images, 24);
  EXPECT_GT(result.images_per_second, 0);
  const Embeddings read = Embeddings::open(dir / "emb");
  ASSERT_EQ(read.rows(), 24);
  EXPECT_EQ(read.info().model_path, "/models/a");
  EXPECT_EQ(read.info().model_digest, "digest");
  EXPECT_EQ(read.info().preprocessing_digest, model.model->preprocessing().digest());
  for (const int64_t row : {0, 9, 23}) {
    const auto& item = dataset.items[static_cast<size_t>(row)];
    EXPECT_EQ(read.items()[static_cast<size_t>(row)].id, item.row);
    EXPECT_EQ(read.items()[static_cast<size_t>(row)].path, item.path);
    EXPECT_EQ(read.items()[static_cast<size_t>(row)].label, dataset.label_names[static_cast<size_t>(item.label)]);
    const auto direct = embed_image(*model.model, read_picture(TinyData::get().val / item.path));
    // Batch norm is folded in one of the two.
    EXPECT_LT(largest_difference(read.vector(row), direct), 1e-4);
    double norm = 0;
    for (const float x : direct) norm += x * x;
    EXPECT_NEAR(norm, 1.0, 1e-5);
  }
}

TEST(Embedder, SlicesTogetherAreTheWhole) {
  LoadedModel model = tiny_model();
  const Dataset dataset = read_dataset({TinyData::get().val, {}, "", "label", "path", {}});
  const test::TempDir dir;
  EmbedOptions options = cpu_options();
  embed_dataset(dataset, model, options, dir / "whole");
  options.slices = 5;
  int64_t next = 0;
  const Embeddings whole = Embeddings::open(dir / "whole");
  for (options.slice = 0; options.slice < 5; ++options.slice) {
    embed_dataset(dataset, model, options, dir / "part" / std::to_string(options.slice));
    const Embeddings part = Embeddings::open(dir / "part" / std::to_string(options.slice));
    for (int64_t row = 0; row < part.rows(); ++row, ++next) {
      EXPECT_EQ(part.items()[static_cast<size_t>(row)].id, whole.items()[static_cast<size_t>(next)].id);
      EXPECT_LT(largest_difference(part.vector(row), whole.vector(next)), 1e-5);
    }
  }
  EXPECT_EQ(next, 24);
  options.slice = 5;
  test::error_of(ErrorCode::kUsage, [&] { embed_dataset(dataset, model, options, dir / "none"); });
}

TEST(Embedder, FlipIsTheNormalisedMeanOfBothViews) {
  LoadedModel model = tiny_model();
  const Dataset dataset = read_dataset({TinyData::get().val, {}, "", "label", "path", {}});
  EmbedOptions options = cpu_options();
  options.recipe.flip = true;
  const auto flipped = embed_images(*model.model, dataset, options);
  Image image = read_picture(TinyData::get().val / dataset.items[3].path);
  const auto one = embed_image(*model.model, image);
  for (int y = 0; y < image.height; ++y)
    for (int x = 0; x < image.width / 2; ++x)
      std::swap_ranges(image.at(x, y), image.at(x, y) + 3, image.at(image.width - 1 - x, y));
  const auto two = embed_image(*model.model, image);
  std::vector<float> mean(one.size());
  double norm = 0;
  for (size_t i = 0; i < one.size(); ++i) {
    mean[i] = one[i] + two[i];
    norm += mean[i] * mean[i];
  }
  for (auto& x : mean) x = static_cast<float>(x / std::sqrt(norm));
  EXPECT_LT(largest_difference(std::span(flipped).subspan(3 * 16, 16), mean), 1e-4);
}

TEST(Embedder, RecipesHaveOneTextAndComeBackFromIt) {
  EXPECT_EQ(EmbedRecipe{}.text(), "");
  EXPECT_EQ(EmbedRecipe::parse("", "x").text(), "");
  EmbedRecipe recipe;
  recipe.flip = true;
  recipe.further_scales = {0.7071, 0.5};
  recipe.pool = {"gem", 4.5};
  EXPECT_EQ(recipe.text(), R"({"flip":true,"scales":[0.7071,0.5],"pool":"gem","p":4.5})");
  EXPECT_EQ(EmbedRecipe::parse(recipe.text(), "x").text(), recipe.text());
  for (const char* wrong : {"{", "[]", R"({"flip":true,"crops":10})", R"({"flip":"yes"})", R"({"flip":false})"})
    test::error_of(ErrorCode::kData, [&] { EmbedRecipe::parse(wrong, "x"); });
}

TEST(Embedder, WhitensLastAndRecordsIt) {
  LoadedModel model = tiny_model();
  const Dataset dataset = read_dataset({TinyData::get().val, {}, "", "label", "path", {}});
  const test::TempDir dir;
  EmbedOptions options = cpu_options();
  options.recipe.flip = true;
  embed_dataset(dataset, model, options, dir / "plain");
  const Embeddings plain = Embeddings::open(dir / "plain");
  options.whitening = std::make_shared<const Whitening>(learn_whitening(plain, "pca", 4));
  embed_dataset(dataset, model, options, dir / "white");
  whiten_embeddings(plain, *options.whitening, dir / "later");
  const Embeddings white = Embeddings::open(dir / "white"), later = Embeddings::open(dir / "later");
  EXPECT_EQ(white.dim(), 4);
  EXPECT_EQ(white.info().recipe, R"({"flip":true})");
  EXPECT_EQ(white.info().preprocessing_digest, later.info().preprocessing_digest);
  EXPECT_LT(largest_difference(white.vectors(), later.vectors()), 1e-4);
  EXPECT_EQ(find_whitening(dir / "white", white.info().whitening_digest).out, 4);
}

TEST(Embedder, KeepsManifestColumnsAndRowNumbers) {
  LoadedModel model = tiny_model();
  const fs::path csv = TinyData::get().val / "some.csv";
  std::ofstream(csv)
      << "path,label,split,shelf\nclass0/100.png,a,test,3\nclass0/101.png,b,train,4\nclass1/100.png,b,test,5\n";
  const Dataset dataset = read_dataset({csv, {}, "", "label", "path", {"split=test"}});
  const test::TempDir dir;
  embed_dataset(dataset, model, cpu_options(), dir / "emb");
  fs::remove(csv);
  const Embeddings read = Embeddings::open(dir / "emb");
  EXPECT_EQ(read.info().extra_columns, (std::vector<std::string>{"split", "shelf"}));
  ASSERT_EQ(read.rows(), 2);
  EXPECT_EQ(read.items()[1].id, 2);
  EXPECT_EQ(read.items()[1].extra, (std::vector<std::string>{"test", "5"}));
}

TEST(Embedder, UnreadablePicturesAreLeftOutAndNamed) {
  const test::TempDir dir;
  test::make_tiny_pictures(dir / "p", 2, 3, 1);
  std::ofstream(dir / "p/class0/broken.png") << "no picture";
  LoadedModel model = tiny_model();
  const Dataset dataset = read_dataset({dir / "p", {}, "", "label", "path", {}});
  EmbedOptions options = cpu_options();
  test::error_of(ErrorCode::kData, [&] { embed_dataset(dataset, model, options, dir / "emb"); });
  EXPECT_FALSE(fs::exists(dir / "emb/vectors.npy"));
  options.max_bad = 0.5;
  const EmbedResult result = embed_dataset(dataset, model, options, dir / "emb");
  EXPECT_EQ(result.images, 6);
  ASSERT_EQ(result.bad.size(), 1u);
  EXPECT_NE(result.bad[0].find("broken.png"), std::string::npos);
  std::vector<int64_t> positions;
  EXPECT_EQ(embed_images(*model.model, dataset, options, &positions).size(), 6u * 16u);
  EXPECT_EQ(positions, (std::vector<int64_t>{0, 1, 2, 4, 5, 6}));
}

TEST(Embedder, InterruptIsAnError) {
  LoadedModel model = tiny_model();
  const Dataset dataset = read_dataset({TinyData::get().val, {}, "", "label", "path", {}});
  set_interrupted(true);
  test::error_of(ErrorCode::kInterrupted, [&] { embed_images(*model.model, dataset, cpu_options()); });
  set_interrupted(false);
}

TEST(EmbedStream, WorkerCountChangesNoOrder) {
  LoadedModel model = tiny_model();
  const auto network = model.model->fused();
  const Dataset dataset = read_dataset({TinyData::get().train, {}, "", "label", "path", {}});
  LoaderOptions loading;
  loading.size = 24;
  loading.crop_ratio = 1.0;
  std::vector<std::vector<float>> results;
  for (const int workers : {1, 3}) {
    Loader loader(dataset, loading, 7);
    StreamOptions options;
    options.workers = workers;
    std::vector<float> all;
    int64_t next = 0;
    loader.start(0);
    embed_stream(loader, *network, options, [&](const ImageBatch& batch, const at::Tensor& z) {
      for (const int64_t position : batch.positions) EXPECT_EQ(position, next++);
      all.insert(all.end(), z.const_data_ptr<float>(), z.const_data_ptr<float>() + z.numel());
    });
    EXPECT_EQ(next, 64);
    results.push_back(all);
  }
  EXPECT_LT(largest_difference(results[0], results[1]), 1e-5);
}

}  // namespace
}  // namespace winnow
