#include "tests/unit/data/support.h"
#include "tests/unit/data/tar_builder.h"

namespace winnow {
namespace {

using test::as_text;
using test::error_of;
using test::TarBuilder;
using test::TempDir;
using test::write_text;
using testing::HasSubstr;

TEST(FolderStore, ReadsBelowItsRootAndAbsolutePaths) {
  const TempDir dir;
  write_text(dir / "a b/caf\xe9.png", "bytes");
  const auto store = open_folder_store(dir.path());
  EXPECT_EQ(as_text(store->read("a b/caf\xe9.png")), "bytes");
  EXPECT_EQ(as_text(store->read((dir / "a b/caf\xe9.png").string())), "bytes");
  EXPECT_TRUE(store->contains("a b/caf\xe9.png"));
  EXPECT_FALSE(store->contains("a b"));
  EXPECT_EQ(store->origin("x"), dir.path());
}

TEST(FolderStore, NamesMissingFilesAndFolders) {
  const TempDir dir;
  write_text(dir / "sub/a.png", "x");
  const auto store = open_folder_store(dir.path());
  EXPECT_THAT(error_of([&] { store->read("no.png"); }, ErrorCode::kNotFound), HasSubstr("no.png"));
  EXPECT_THAT(error_of([&] { store->read("sub"); }, ErrorCode::kData), HasSubstr("not a regular file"));
}

TEST(TarStore, ReadsMembersOfSeveralArchivesFirstMatchWins) {
  const TempDir dir;
  write_text(dir / "1.tar", TarBuilder().add("a.png", "one").add("a.png", "one again").end().bytes());
  write_text(dir / "2.tar", TarBuilder().add("a.png", "two").add("./b.png", "bee").end().bytes());
  const auto store = open_tar_store({dir / "1.tar", dir / "2.tar"});
  // In one archive the later member replaces the earlier; over archives the first archive wins.
  EXPECT_EQ(as_text(store->read("a.png")), "one again");
  EXPECT_EQ(as_text(store->read("b.png")), "bee");
  EXPECT_EQ(as_text(store->read("./b.png")), "bee");
  EXPECT_EQ(store->origin("b.png"), dir / "2.tar");
  EXPECT_FALSE(store->contains("c.png"));
  const std::string message = error_of([&] { store->read("c.png"); }, ErrorCode::kNotFound);
  EXPECT_THAT(message, HasSubstr("c.png: not in"));
  EXPECT_THAT(message, HasSubstr("2.tar"));
}

TEST(TarStore, SaysWhichArchiveIsMissingOrBad) {
  const TempDir dir;
  EXPECT_THAT(error_of([&] { open_tar_store({dir / "none.tar"}); }, ErrorCode::kNotFound), HasSubstr("none.tar"));
  write_text(dir / "bad.tar", std::string(1024, 'x'));
  EXPECT_THAT(error_of([&] { open_tar_store({dir / "bad.tar"}); }, ErrorCode::kData), HasSubstr("bad.tar: byte 0"));
}

}  // namespace
}  // namespace winnow
