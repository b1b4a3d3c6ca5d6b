#include "retrieval/embeddings.h"

#include <cmath>
#include <fstream>

#include "src/core/files.h"
#include "src/core/half.h"
#include "src/core/random.h"
#include "tests/unit/retrieval/support.h"

namespace winnow {
namespace {

using test::expect_error;
using testing::Test;

std::string text_of(const fs::path& file) { return read_file(file); }

void overwrite(const fs::path& file, const std::string& text) { std::ofstream(file, std::ios::binary) << text; }

class EmbeddingsTest : public Test {
 protected:
  test::TempDir dir_;
  const fs::path folder_ = dir_ / "emb";

  void write_three() {
    test::write_embeddings(
        folder_, {1, 0, 0, 2, -3, 4}, 2,
        {{5, "a b.jpg", "cat, \"big\"", {"1.5"}}, {-7, "\xff.jpg", "", {""}}, {9, "c", "x", {"z\n"}}}, {"price"});
  }
};

TEST_F(EmbeddingsTest, RoundTripKeepsEverything) {
  write_three();
  const auto e = Embeddings::open(folder_);
  EXPECT_EQ(e.rows(), 3);
  EXPECT_EQ(e.dim(), 2);
  EXPECT_EQ(std::vector<float>(e.vectors().begin(), e.vectors().end()), (std::vector<float>{1, 0, 0, 2, -3, 4}));
  EXPECT_EQ(e.items()[0].label, "cat, \"big\"");
  EXPECT_EQ(e.items()[1].id, -7);
  EXPECT_EQ(e.items()[1].path, "\xff.jpg");
  EXPECT_EQ(e.items()[2].extra, std::vector<std::string>{"z\n"});
  EXPECT_EQ(e.info().extra_columns, std::vector<std::string>{"price"});
  EXPECT_EQ(e.info().model_digest, "model");
  EXPECT_EQ(e.info().vectors_digest, sha256_file(folder_ / "vectors.npy"));
  EXPECT_FALSE(e.info().created.empty());
}

TEST_F(EmbeddingsTest, FewerRowsThanAnnouncedFixesTheHeader) {
  EmbeddingsWriter writer(folder_, 3, 1'000'000, {});
  const std::vector<float> v = {1, 2, 3};
  writer.add({1, "a", "x", {}}, v);
  writer.add({2, "b", "y", {}}, v);
  writer.commit();
  const auto e = Embeddings::open(folder_);
  EXPECT_EQ(e.rows(), 2);
  EXPECT_EQ(e.vector(1)[2], 3);
  EXPECT_EQ(fs::file_size(folder_ / "vectors.npy") % 64, 2 * 3 * 4 % 64);
}

TEST_F(EmbeddingsTest, NothingIsVisibleBeforeCommit) {
  write_three();
  const std::string before = text_of(folder_ / "vectors.npy");
  {
    EmbeddingsWriter writer(folder_, 2, 1, {});
    writer.add({1, "new", "n", {}}, std::vector<float>{8, 8});
  }
  EXPECT_EQ(text_of(folder_ / "vectors.npy"), before);
  EXPECT_EQ(Embeddings::open(folder_).items()[0].path, "a b.jpg");
}

TEST_F(EmbeddingsTest, LeftoversOfAKilledWriterAreRemoved) {
  write_three();
  overwrite(folder_ / ".vectors.npy.tmp.12345.0", "half");
  overwrite(folder_ / "mine.txt", "kept");
  write_three();
  EXPECT_FALSE(fs::exists(folder_ / ".vectors.npy.tmp.12345.0"));
  EXPECT_TRUE(fs::exists(folder_ / "mine.txt"));
}

TEST_F(EmbeddingsTest, TwoWritersAreRefused) {
  EmbeddingsWriter first(folder_, 2, 1, {});
  expect_error(ErrorCode::kDevice, [&] { EmbeddingsWriter second(folder_, 2, 1, {}); });
}

TEST_F(EmbeddingsTest, WriterRefusesBadRows) {
  EmbeddingsWriter writer(folder_, 2, 1, {});
  const auto e = expect_error(ErrorCode::kNumeric, [&] {
    writer.add({1, "bad.jpg", "x", {}}, std::vector<float>{1, NAN});
  });
  EXPECT_NE(std::string(e.what()).find("bad.jpg"), std::string::npos);
  expect_error(ErrorCode::kShape, [&] { writer.add({1, "a", "x", {}}, std::vector<float>{1}); });
  expect_error(ErrorCode::kShape, [&] { writer.add({1, "a", "x", {"extra"}}, std::vector<float>{1, 2}); });
  writer.add({1, "a", "x", {}}, std::vector<float>{1, 2});
  expect_error(ErrorCode::kInternal, [&] { writer.add({2, "b", "x", {}}, std::vector<float>{1, 2}); });
}

TEST_F(EmbeddingsTest, AbsentAndIncompleteFoldersAreNamed) {
  expect_error(ErrorCode::kNotFound, [&] { Embeddings::open(folder_); });
  write_three();
  fs::remove(folder_ / "card.json");
  const auto e = expect_error(ErrorCode::kData, [&] { Embeddings::open(folder_); });
  EXPECT_NE(std::string(e.what()).find("incomplete"), std::string::npos);
}

TEST_F(EmbeddingsTest, ChangedFilesAreRefused) {
  write_three();
  const std::string items = text_of(folder_ / "items.csv");
  overwrite(folder_ / "items.csv", items + "11,d,x,1\n");
  expect_error(ErrorCode::kData, [&] { Embeddings::open(folder_); });
  overwrite(folder_ / "items.csv", items);
  const std::string vectors = text_of(folder_ / "vectors.npy");
  overwrite(folder_ / "vectors.npy", vectors.substr(0, vectors.size() - 1));
  expect_error(ErrorCode::kData, [&] { Embeddings::open(folder_); });
  overwrite(folder_ / "vectors.npy", vectors);
  std::string card = text_of(folder_ / "card.json");
  card.replace(card.find("\"model\""), 7, "\"other\"");
  overwrite(folder_ / "card.json", card);
  expect_error(ErrorCode::kData, [&] { Embeddings::open(folder_); });
}

/// Unit rows as float16 and the float32 values they become.
std::vector<float> write_halves(const fs::path& folder, int64_t rows, int64_t dim) {
  Random random(5, "halves");
  EmbeddingsInfo info;
  info.dtype = "float16";
  EmbeddingsWriter writer(folder, dim, rows + 3, info);  // fewer rows than announced
  std::vector<float> rounded, row(static_cast<size_t>(dim));
  for (int64_t i = 0; i < rows; ++i) {
    double norm = 0;
    for (float& v : row) norm += std::pow(v = static_cast<float>(random.normal()), 2);
    for (float& v : row) rounded.push_back(half_to_float(half_from_float(v /= static_cast<float>(std::sqrt(norm)))));
    writer.add({i, "p" + std::to_string(i), "x", {}}, row);
  }
  writer.commit();
  return rounded;
}

TEST_F(EmbeddingsTest, Float16IsHalfAsLargeAndComesBackRounded) {
  constexpr int64_t kRows = 5000, kDim = 61;  // more than one tile, and no multiple of it
  const auto want = write_halves(folder_, kRows, kDim);
  EXPECT_EQ(fs::file_size(folder_ / "vectors.npy"), 128u + 2u * kRows * kDim);
  const auto e = Embeddings::open(folder_);
  EXPECT_EQ(e.info().dtype, "float16");
  EXPECT_EQ(e.rows(), kRows);
  EXPECT_TRUE(std::equal(want.begin(), want.end(), e.vectors().begin(), e.vectors().end()));
  for (int64_t row = 0; row < kRows; ++row) {
    double norm = 0;
    for (const float v : e.vector(row)) norm += static_cast<double>(v) * v;
    ASSERT_NEAR(std::sqrt(norm), 1, 1e-3) << row;
  }
  for (const auto& entry : fs::directory_iterator(folder_))  // the scratch file has no name
    EXPECT_EQ(entry.path().filename().string().find(".vectors.npy.tmp"), std::string::npos) << entry.path();
}

TEST_F(EmbeddingsTest, DamagedFloat16IsRefused) {
  write_halves(folder_, 4, 8);
  const std::string vectors = text_of(folder_ / "vectors.npy");
  for (const uint16_t bad : {0x7c00, 0xfe01}) {  // infinity, NaN
    std::string damaged = vectors;
    damaged.replace(128 + 2 * (8 + 3), 2, reinterpret_cast<const char*>(&bad), 2);
    overwrite(folder_ / "vectors.npy", damaged);
    const auto e = expect_error(ErrorCode::kData, [&] { Embeddings::open(folder_); });
    EXPECT_NE(std::string(e.what()).find("row 1 (p1)"), std::string::npos) << e.what();
    EXPECT_NE(std::string(e.what()).find("vectors.npy"), std::string::npos) << e.what();
  }
  overwrite(folder_ / "vectors.npy", vectors.substr(0, vectors.size() - 1));
  const auto cut = expect_error(ErrorCode::kData, [&] { Embeddings::open(folder_); });
  EXPECT_NE(std::string(cut.what()).find("promises 64 bytes of data, the file has 63"), std::string::npos);
  overwrite(folder_ / "vectors.npy", text_of(folder_ / "vectors.npy").substr(0, 100));
  expect_error(ErrorCode::kData, [&] { Embeddings::open(folder_); });
}

TEST_F(EmbeddingsTest, TheCardAndTheFileMustNameOneType) {
  write_three();
  const std::string single = text_of(folder_ / "vectors.npy");
  EmbeddingsInfo info;
  info.dtype = "float16";
  EmbeddingsWriter writer(folder_, 2, 4, info);
  for (int64_t i = 0; i < 3; ++i) writer.add({i, "p", "x", {}}, std::vector<float>{1, 2});
  expect_error(ErrorCode::kNumeric, [&] { writer.add({3, "big.jpg", "x", {}}, std::vector<float>{1, 65520}); });
  writer.commit();
  overwrite(folder_ / "vectors.npy", single);
  const auto e = expect_error(ErrorCode::kData, [&] { Embeddings::open(folder_); });
  EXPECT_NE(std::string(e.what()).find("float16 [3, 2] is required by card.json"), std::string::npos) << e.what();
  info.dtype = "float8";
  expect_error(ErrorCode::kUsage, [&] { EmbeddingsWriter(dir_ / "other", 2, 3, info); });
}

TEST_F(EmbeddingsTest, NonFiniteRowIsNamed) {
  write_three();
  std::string vectors = text_of(folder_ / "vectors.npy");
  const float bad = INFINITY;
  vectors.replace(vectors.size() - 4, 4, reinterpret_cast<const char*>(&bad), 4);
  overwrite(folder_ / "vectors.npy", vectors);
  const auto e = expect_error(ErrorCode::kData, [&] { Embeddings::open(folder_); });
  EXPECT_NE(std::string(e.what()).find("row 2 (c)"), std::string::npos) << e.what();
  EXPECT_NO_THROW(Embeddings::open(folder_, false));
}

}  // namespace
}  // namespace winnow
