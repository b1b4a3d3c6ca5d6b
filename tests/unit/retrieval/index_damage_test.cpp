#include <sys/mount.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "tests/unit/retrieval/support.h"

namespace winnow {
namespace {

using test::expect_error;
using test::of_type;

const char* const kFiles[] = {"vectors.faiss", "vectors.npy", "ids.npy", "items.sqlite", "manifest.json"};

void overwrite(const fs::path& file, const std::string& text) { std::ofstream(file, std::ios::binary) << text; }

class Damage : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    build_index(test::write_embeddings(dir_ / "emb", test::clustered(400, 8, 5, 71), 8), dir_ / "idx",
                of_type(GetParam()));
    generation_ = dir_ / "idx" / "generation-000001";
  }
  /// Opening and verifying must both notice; afterwards the file is whole again.
  void expect_noticed(const fs::path& file, const std::string& damaged, const std::string& what) {
    const std::string whole = read_file(file);
    ASSERT_NE(whole, damaged) << what;
    overwrite(file, damaged);
    try {
      Index::open(dir_ / "idx");
      ADD_FAILURE() << "opened with " << what;
    } catch (const Error& e) {
      EXPECT_TRUE(e.code() == ErrorCode::kData || e.code() == ErrorCode::kNotFound) << what << ": " << e.what();
      EXPECT_NE(std::string(e.what()).find(file.filename().string()), std::string::npos) << what << ": " << e.what();
    }
    EXPECT_FALSE(verify_index(dir_ / "idx", 5, 1).ok) << what;
    overwrite(file, whole);
  }
  test::TempDir dir_;
  fs::path generation_;
};

TEST_P(Damage, OneFlippedBitIsNoticedAnywhere) {
  for (const char* name : kFiles) {
    const std::string whole = read_file(generation_ / name);
    Random random(7, name);
    for (int i = 0; i < 8; ++i) {
      const size_t at = i == 0 ? 0 : i == 1 ? whole.size() - 2 : random.below(whole.size());
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << random.below(8)));
      expect_noticed(generation_ / name, damaged, std::string(name) + " flipped at " + std::to_string(at));
    }
  }
  EXPECT_TRUE(verify_index(dir_ / "idx", 5, 1).ok);
}

TEST_P(Damage, TruncatedAndGrownFilesAreNoticed) {
  for (const char* name : kFiles) {
    const std::string whole = read_file(generation_ / name);
    for (const size_t size : {size_t{0}, size_t{1}, whole.size() / 3, whole.size() - 3}) {
      expect_noticed(generation_ / name, whole.substr(0, size), std::string(name) + " cut to " + std::to_string(size));
    }
    if (std::string(name) != "manifest.json")
      expect_noticed(generation_ / name, whole + "x", std::string(name) + " grown");
  }
}

TEST_P(Damage, MissingFilesAreNamed) {
  for (const char* name : kFiles) {
    fs::rename(generation_ / name, dir_ / "away");
    const auto e = expect_error(ErrorCode::kNotFound, [&] { Index::open(dir_ / "idx"); });
    EXPECT_NE(std::string(e.what()).find(name), std::string::npos) << e.what();
    EXPECT_FALSE(verify_index(dir_ / "idx", 5, 1).ok);
    fs::rename(dir_ / "away", generation_ / name);
  }
}

INSTANTIATE_TEST_SUITE_P(Types, Damage, testing::Values("flat", "ivf", "ivfpq", "ivfsq8", "hnsw"),
                         [](const auto& one) { return std::string(one.param); });

TEST(DamagedPointer, IsRefusedAndNeverLeavesTheFolder) {
  const test::TempDir dir;
  build_index(test::write_embeddings(dir / "emb", {1, 0, 0, 1}, 2), dir / "idx", of_type("flat"));
  for (const char* text :
       {"", "generation-1", "../idx/generation-000001", "generation-000001/..", "generation-00000a", "\xff\xfe"}) {
    overwrite(dir / "idx" / "CURRENT", text);
    expect_error(ErrorCode::kData, [&] { Index::open(dir / "idx"); });
  }
  overwrite(dir / "idx" / "CURRENT", "generation-000009\n");
  expect_error(ErrorCode::kNotFound, [&] { Index::open(dir / "idx"); });
  expect_error(ErrorCode::kNotFound, [&] { Index::open(dir / "nothing"); });
  expect_error(ErrorCode::kNotFound, [&] { verify_index(dir / "nothing", 5, 1); });
}

/// A file system of a few megabytes for the scope.
class SmallDisk {
 public:
  SmallDisk(const fs::path& at, const std::string& size) : at_(at) {
    fs::create_directory(at);
    mounted_ = ::mount("tmpfs", at.c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0;
    error_ = errno;
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(at_.c_str(), MNT_DETACH);
  }
  bool mounted() const { return mounted_; }
  std::string why() const { return std::strerror(error_); }

 private:
  fs::path at_;
  bool mounted_ = false;
  int error_ = 0;
};

class FullDisk : public testing::Test {
 protected:
  test::TempDir dir_;
  SmallDisk disk_{dir_ / "disk", "2m"};
  void SetUp() override {
    if (!disk_.mounted()) GTEST_SKIP() << "needs the right to mount a small tmpfs: " << disk_.why();
  }
  void expect_small_index_alive(const fs::path& folder) {
    EXPECT_TRUE(verify_index(folder, 5, 1).ok);
    for (const auto& entry : fs::directory_iterator(folder)) {
      EXPECT_EQ(entry.path().string().find(".tmp"), std::string::npos) << entry.path();
    }
  }
};

TEST_F(FullDisk, IsSeenBeforeTheBuildWhenTheSizeIsKnown) {
  const auto folder = dir_ / "disk" / "idx";
  build_index(test::write_embeddings(dir_ / "small", {1, 0, 0, 1}, 2), folder, of_type("flat"));
  const auto big = test::write_embeddings(dir_ / "big", test::clustered(20'000, 16, 3, 1), 16);
  const auto e = expect_error(ErrorCode::kDevice, [&] { build_index(big, folder, of_type("flat")); });
  EXPECT_NE(std::string(e.what()).find("free disk"), std::string::npos) << e.what();
  expect_small_index_alive(folder);
}

TEST_F(FullDisk, InTheMiddleOfTheBuildLeavesTheOldGeneration) {
  const auto folder = dir_ / "disk" / "idx";
  build_index(test::write_embeddings(dir_ / "small", {1, 0, 0, 1}, 2), folder, of_type("flat"));
  // Long paths: the item table, whose size is not estimated, fills the disk.
  std::vector<EmbeddedItem> items;
  for (int64_t i = 0; i < 4000; ++i) items.push_back({i, std::string(1000, 'p'), "x", {}});
  const auto big = test::write_embeddings(dir_ / "big", test::clustered(4000, 4, 3, 1), 4, items);
  expect_error(ErrorCode::kDevice, [&] { build_index(big, folder, of_type("flat")); });
  expect_small_index_alive(folder);
  // A factory string's size is not known beforehand: FAISS's own file fills the disk.
  const auto wide = test::write_embeddings(dir_ / "wide", test::clustered(5000, 48, 3, 1), 48);
  expect_error(ErrorCode::kDevice, [&] { build_index(wide, folder, of_type("IVF4,Flat")); });
  expect_small_index_alive(folder);
}

TEST_F(FullDisk, EmbeddingsStayAsTheyWere) {
  const auto folder = dir_ / "disk" / "emb";
  test::write_embeddings(folder, {1, 0, 0, 1}, 2);
  expect_error(ErrorCode::kDevice, [&] { test::write_embeddings(folder, test::clustered(40'000, 16, 3, 1), 16); });
  EXPECT_EQ(Embeddings::open(folder).rows(), 2);
}

}  // namespace
}  // namespace winnow
