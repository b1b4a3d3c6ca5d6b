#include "tests/unit/data/support.h"

namespace winnow {
namespace {

using test::as_text;
using test::error_of;
using test::TempDir;
using test::write_text;
using testing::ElementsAre;
using testing::HasSubstr;

Dataset read(const fs::path& data, std::vector<std::string> where = {}) {
  DataSource source;
  source.data = data.string();
  source.where = std::move(where);
  return read_dataset(source);
}

std::vector<std::string> paths(const Dataset& dataset) {
  std::vector<std::string> out;
  for (const auto& item : dataset.items) out.push_back(item.path);
  return out;
}

TEST(FolderDataset, TakesTheFirstLevelAsClassInBytewiseOrder) {
  const TempDir dir;
  for (const char* name : {"b/2.PNG", "b/1.jpeg", "a c/deep/er/x.tiff", "Z/k.webp"}) write_text(dir / name, "x");
  const Dataset dataset = read(dir.path());
  EXPECT_THAT(paths(dataset), ElementsAre("Z/k.webp", "a c/deep/er/x.tiff", "b/1.jpeg", "b/2.PNG"));
  EXPECT_THAT(dataset.label_names, ElementsAre("Z", "a c", "b"));
  EXPECT_THAT(dataset.labels(), ElementsAre(0, 1, 2, 2));
  for (int64_t i = 0; i < 4; ++i) EXPECT_EQ(dataset.items[static_cast<size_t>(i)].row, i);
  EXPECT_TRUE(dataset.notes.empty());
}

TEST(FolderDataset, KeepsNamesThatAreNotUtf8) {
  const TempDir dir;
  write_text(dir / "caf\xe9/ma\xdf 1.png", "bytes");
  const Dataset dataset = read(dir.path());
  EXPECT_THAT(dataset.label_names, ElementsAre("caf\xe9"));
  EXPECT_EQ(as_text(dataset.store->read(dataset.items.at(0).path)), "bytes");
}

TEST(FolderDataset, ReportsHiddenOtherAndEmptyThings) {
  const TempDir dir;
  for (const char* name : {"a/1.png", "a/.2.png", ".hidden/3.png", "a/readme.txt", "a/noextension"})
    write_text(dir / name, "x");
  fs::create_directories(dir / "empty");
  fs::create_directories(dir / "nested/only/folders");
  const Dataset dataset = read(dir.path());
  EXPECT_THAT(paths(dataset), ElementsAre("a/1.png"));
  EXPECT_THAT(dataset.empty_classes, ElementsAre("empty", "nested"));
  ASSERT_EQ(dataset.notes.size(), 2u);
  EXPECT_THAT(dataset.notes[0], HasSubstr("2 class folders hold no picture: empty, nested"));
  EXPECT_THAT(dataset.notes[1], HasSubstr("2 files without a picture extension"));
}

TEST(FolderDataset, FlatFolderIsUnlabelled) {
  const TempDir dir;
  write_text(dir / "2.png", "x");
  write_text(dir / "10.png", "x");
  const Dataset dataset = read(dir.path());
  EXPECT_THAT(dataset.labels(), ElementsAre(-1, -1));
  EXPECT_TRUE(dataset.label_names.empty());
  EXPECT_TRUE(dataset.notes.empty());
}

TEST(FolderDataset, LoosePicturesBesideClassFoldersAreNoted) {
  const TempDir dir;
  write_text(dir / "a/1.png", "x");
  write_text(dir / "loose.png", "x");
  const Dataset dataset = read(dir.path());
  EXPECT_THAT(dataset.labels(), ElementsAre(0, -1));
  ASSERT_EQ(dataset.notes.size(), 1u);
  EXPECT_THAT(dataset.notes[0], HasSubstr("1 pictures lie directly in the folder"));
}

TEST(FolderDataset, FollowsLinksButNotInCircles) {
  const TempDir dir;
  write_text(dir / "data/a/1.png", "x");
  write_text(dir / "elsewhere/2.png", "y");
  fs::create_directory_symlink(dir / "elsewhere", dir / "data/b");
  fs::create_directory_symlink(dir / "data", dir / "data/a/loop");
  EXPECT_THAT(paths(read(dir / "data")), ElementsAre("a/1.png", "b/2.png"));
}

TEST(FolderDataset, FiltersByLabelAndKeepsRows) {
  const TempDir dir;
  for (const char* name : {"a/1.png", "b/1.png", "c/1.png"}) write_text(dir / name, "x");
  const Dataset dataset = read(dir.path(), {"label!=a"});
  EXPECT_THAT(dataset.label_names, ElementsAre("b", "c"));
  EXPECT_EQ(dataset.items[0].row, 1);
  EXPECT_EQ(dataset.items[1].row, 2);
}

TEST(FolderDataset, OnePictureIsADataSet) {
  const TempDir dir;
  write_text(dir / "sub/one.JPG", "bytes");
  const Dataset dataset = read(dir / "sub/one.JPG");
  ASSERT_EQ(dataset.items.size(), 1u);
  EXPECT_EQ(dataset.items[0].label, -1);
  EXPECT_EQ(as_text(dataset.store->read(dataset.items[0].path)), "bytes");
}

TEST(FolderDataset, SaysWhatIsWrongWithDATA) {
  const TempDir dir;
  EXPECT_THAT(error_of([&] { read(dir / "none"); }, ErrorCode::kNotFound), HasSubstr("none"));
  EXPECT_THAT(error_of([&] { read(dir.path()); }, ErrorCode::kData), HasSubstr("it holds none"));
  write_text(dir / "a/x.txt", "x");
  EXPECT_THAT(error_of([&] { read(dir.path()); }, ErrorCode::kData), HasSubstr("it holds 1 other files"));
  EXPECT_THAT(error_of([&] { read(dir / "a/x.txt"); }, ErrorCode::kData), HasSubstr("got '.txt'"));
  write_text(dir / "x.tar", "x");
  EXPECT_THAT(error_of([&] { read(dir / "x.tar"); }, ErrorCode::kData), HasSubstr("--archive"));
  EXPECT_THAT(error_of([&] { read(""); }, ErrorCode::kConfig), HasSubstr("a data set is required"));
}

}  // namespace
}  // namespace winnow
