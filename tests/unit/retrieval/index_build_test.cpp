#include <fstream>

#include "src/core/interrupt.h"
#include "tests/unit/retrieval/support.h"

namespace winnow {
namespace {

using test::expect_error;
using test::of_type;

class Build : public testing::Test {
 protected:
  Embeddings clustered(int64_t n, int64_t dim) {
    return test::write_embeddings(dir_ / "emb", test::clustered(n, dim, 10, 61), dim);
  }
  std::vector<std::string> names() const {
    std::vector<std::string> out;
    for (const auto& entry : fs::directory_iterator(dir_ / "idx")) out.push_back(entry.path().filename().string());
    std::sort(out.begin(), out.end());
    return out;
  }
  test::TempDir dir_;
};

TEST_F(Build, InfoSaysWhatWasBuilt) {
  std::vector<std::string> steps;
  auto options = of_type("IVF8,SQ8");
  options.probe = 3;
  const auto built =
      build_index(clustered(500, 16), dir_ / "idx", options, [&](const std::string& s) { steps.push_back(s); });
  EXPECT_EQ(steps, (std::vector<std::string>{"train", "add", "write", "verify"}));
  const auto info = read_index_info(dir_ / "idx");
  EXPECT_EQ(info.count, 500);
  EXPECT_EQ(info.dim, 16);
  EXPECT_EQ(info.probe, 3);
  EXPECT_EQ(info.generation, 1);
  EXPECT_EQ(info.factory, "IVF8,SQ8");
  EXPECT_EQ(info.type, "factory");
  EXPECT_EQ(info.metric, "cosine");
  EXPECT_EQ(info.model_digest, "model");
  EXPECT_EQ(info.preprocessing_digest, "pre");
  EXPECT_EQ(info.faiss_version, faiss_version());
  EXPECT_EQ(info.index_bytes, fs::file_size(dir_ / "idx" / "generation-000001" / "vectors.faiss"));
  EXPECT_EQ(info.created, built.created);
}

TEST_F(Build, AtMostThePreviousGenerationIsKept) {
  const auto e = clustered(50, 4);
  for (int i = 0; i < 3; ++i) build_index(e, dir_ / "idx", of_type("flat"));
  EXPECT_EQ(names(), (std::vector<std::string>{".lock", "CURRENT", "generation-000002", "generation-000003"}));
  auto options = of_type("flat");
  options.keep_old = false;
  build_index(e, dir_ / "idx", options);
  EXPECT_EQ(names(), (std::vector<std::string>{".lock", "CURRENT", "generation-000004"}));
}

TEST_F(Build, LeftoversOfDeadWritersAreRemovedAndTheirNumbersNotReused) {
  const auto e = clustered(50, 4);
  build_index(e, dir_ / "idx", of_type("flat"));
  fs::create_directory(dir_ / "idx" / "generation-000002.tmp-99999");
  fs::create_directory(dir_ / "idx" / "generation-000007");
  std::ofstream(dir_ / "idx" / ".CURRENT.tmp.99999.0") << "x";
  EXPECT_EQ(Index::open(dir_ / "idx")->info().generation, 1);
  EXPECT_EQ(build_index(e, dir_ / "idx", of_type("flat")).generation, 8);
  EXPECT_EQ(names(), (std::vector<std::string>{".lock", "CURRENT", "generation-000001", "generation-000008"}));
}

TEST_F(Build, AnOpenIndexOutlivesItsGeneration) {
  const auto e = clustered(50, 4);
  build_index(e, dir_ / "idx", of_type("ivf"));
  const auto old = Index::open(dir_ / "idx");
  for (int i = 0; i < 3; ++i) build_index(e, dir_ / "idx", of_type("flat"));
  EXPECT_EQ(old->search(e.vector(3), {.k = 1, .where = "id = 3"}).front()[0].id, 3);
  EXPECT_EQ(old->item(3).path, "p3");
}

TEST_F(Build, SameInputSameBytesInAnyRowOrder) {
  const auto rows = test::clustered(1500, 8, 10, 62);
  std::vector<int64_t> order;
  for (int64_t i = 0; i < 1500; ++i) order.push_back(i);
  Random(1, "order").shuffle(order);
  std::vector<float> shuffled;
  for (const int64_t i : order) shuffled.insert(shuffled.end(), &rows[size_t(8 * i)], &rows[size_t(8 * i)] + 8);
  const auto a = test::write_embeddings(dir_ / "a", rows, 8);
  std::vector<EmbeddedItem> items;
  for (const int64_t i : order) items.push_back(a.items()[size_t(i)]);
  const auto b = test::write_embeddings(dir_ / "b", shuffled, 8, items);
  for (const char* type : {"flat", "ivf", "ivfpq", "ivfsq8", "hnsw"}) {
    build_index(a, dir_ / type / "a", of_type(type));
    build_index(b, dir_ / type / "b", of_type(type));
    for (const char* file : {"vectors.faiss", "vectors.npy", "ids.npy"}) {
      EXPECT_EQ(sha256_file(dir_ / type / "a" / "generation-000001" / file),
                sha256_file(dir_ / type / "b" / "generation-000001" / file))
          << type << " " << file;
    }
  }
}

TEST_F(Build, BadEmbeddingsAreRefusedAndNamed) {
  const auto twice = test::write_embeddings(dir_ / "twice", {1, 0, 0, 1, 1, 1}, 2, test::items_with_ids({5, 9, 5}));
  const auto e = expect_error(ErrorCode::kData, [&] { build_index(twice, dir_ / "idx", of_type("flat")); });
  EXPECT_NE(std::string(e.what()).find("5 is in rows 0 of"), std::string::npos) << e.what();
  const auto zero = test::write_embeddings(dir_ / "zero", {1, 0, 0, 0}, 2);
  const auto z = expect_error(ErrorCode::kData, [&] { build_index(zero, dir_ / "idx", of_type("flat")); });
  EXPECT_NE(std::string(z.what()).find("item 1 (p1)"), std::string::npos) << z.what();
  const auto none = test::write_embeddings(dir_ / "none", {}, 2);
  expect_error(ErrorCode::kData, [&] { build_index(none, dir_ / "idx", of_type("flat")); });
  expect_error(ErrorCode::kNotFound, [&] { Index::open(dir_ / "idx"); });
  EXPECT_EQ(names(), std::vector<std::string>{".lock"});
}

TEST_F(Build, FactoryStringsThatFaissRefusesAreConfigErrors) {
  const auto e = clustered(300, 16);
  for (const char* factory : {"Nonsense", "IVF4", "IVF4,PQ5x8np", "IVF0,Flat", "PQ0", "IVF4,PQ0x8", "PQ4x0", "HNSW0",
                              "IDMap2,Flat", "IVF99999999999,Flat", "IVF400,Flat", "IVF4(Index7),Flat", "",
                              "IMI2x4,Flat", "OPQ0,PQ4", "IVF4,Flat,Whatever", "PCA99999999,Flat"}) {
    const auto error = expect_error(ErrorCode::kConfig, [&] { build_index(e, dir_ / "idx", of_type(factory)); });
    EXPECT_NE(std::string(error.what()).find(faiss_version()), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("'" + std::string(factory) + "'"), std::string::npos) << error.what();
  }
  const auto index = dir_ / "idx";
  EXPECT_TRUE(!fs::exists(index / "CURRENT"));
}

TEST_F(Build, UncommonFactoryStringsWork) {
  const auto e = clustered(600, 16);
  for (const char* factory : {"PCA8,Flat", "L2norm,Flat", "SQfp16", "PQ4", "IVF4,PQ4x4fs", "HNSW16,SQ8",
                              "IVF8_HNSW8,Flat", "IVF4,PQ4x4np,RFlat", "NSG16"}) {
    build_index(e, dir_ / "idx", of_type(factory));
    const auto index = Index::open(dir_ / "idx");
    const auto hits = index->search(e.vectors().first(16 * 30), {.k = 3, .where = "id < 550"});
    for (size_t i = 0; i < 30; ++i) {
      ASSERT_EQ(hits[i].size(), 3u) << factory;
      EXPECT_EQ(hits[i][0].id, int64_t(i)) << factory << " " << index->last_plan();
    }
  }
}

TEST_F(Build, OddFolderNamesAreJustNames) {
  const auto e = clustered(20, 4);
  for (const char* name : {"a b", "50%25 off?x=1#y", "\xff\xfe", "o'clock \"x\"", "&mode=rw"}) {
    build_index(e, dir_ / name, of_type("flat"));
    EXPECT_EQ(Index::open(dir_ / name)->item(7).path, "p7") << name;
    EXPECT_TRUE(verify_index(dir_ / name, 3, 1).ok) << name;
  }
}

TEST_F(Build, ASecondWriterIsRefused) {
  fs::create_directory(dir_ / "idx");
  const FolderLock lock(dir_ / "idx");
  expect_error(ErrorCode::kDevice, [&] { build_index(clustered(50, 4), dir_ / "idx", of_type("flat")); });
}

TEST_F(Build, AnInterruptLeavesTheOldGeneration) {
  const auto e = clustered(50, 4);
  build_index(e, dir_ / "idx", of_type("flat"));
  expect_error(ErrorCode::kInterrupted, [&] {
    build_index(e, dir_ / "idx", of_type("flat"), [](const std::string& step) { set_interrupted(step == "train"); });
  });
  set_interrupted(false);
  EXPECT_EQ(names(), (std::vector<std::string>{".lock", "CURRENT", "generation-000001"}));
  EXPECT_TRUE(verify_index(dir_ / "idx", 5, 1).ok);
}

}  // namespace
}  // namespace winnow
