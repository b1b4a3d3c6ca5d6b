#include "src/core/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "tests/support/expect_error.h"
#include "tests/support/temp_dir.h"

namespace winnow {
namespace {

using test::error_of;
using testing::HasSubstr;

int64_t entries(const fs::path& folder) {
  return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
}

TEST(AtomicFile, AppearsWholeWithItsDigest) {
  const test::TempDir dir;
  const std::string large(2500000, 'y');
  AtomicFile file(dir / "out.bin");
  file.write("head");
  file.write(large);
  file.write("tail");
  EXPECT_FALSE(fs::exists(dir / "out.bin"));
  EXPECT_EQ(file.bytes(), large.size() + 8);
  const std::string digest = file.commit();
  EXPECT_EQ(read_file(dir / "out.bin"), "head" + large + "tail");
  EXPECT_EQ(digest, sha256_hex("head" + large + "tail"));
  EXPECT_EQ(entries(dir.path()), 1);
}

TEST(AtomicFile, WithoutCommitNothingIsLeftAndTheOldFileStays) {
  const test::TempDir dir;
  write_file_atomically(dir / "a.txt", "old");
  {
    AtomicFile file(dir / "a.txt");
    file.write(std::string(2 << 20, 'n'));
    EXPECT_EQ(entries(dir.path()), 2);
  }
  EXPECT_EQ(entries(dir.path()), 1);
  EXPECT_EQ(read_file(dir / "a.txt"), "old");
}

TEST(AtomicFile, TwoWritersOfOneNameDoNotMeet) {
  const test::TempDir dir;
  AtomicFile first(dir / "a"), second(dir / "a");
  EXPECT_NE(first.temporary(), second.temporary());
  first.write("1");
  second.write("2");
  first.commit();
  second.commit();
  EXPECT_EQ(read_file(dir / "a"), "2");
}

TEST(AtomicFile, ExternalWriterIsHashedFromDisk) {
  const test::TempDir dir;
  AtomicFile file(dir / "index.faiss");
  std::ofstream(file.temporary()) << "by a library";
  file.written_externally();
  EXPECT_EQ(file.commit(), sha256_hex("by a library"));
  EXPECT_EQ(file.bytes(), 12u);
  EXPECT_EQ(read_file(dir / "index.faiss"), "by a library");
}

TEST(AtomicFile, MissingFolderIsADeviceErrorWithPathAndReason) {
  const test::TempDir dir;
  const auto message = error_of(ErrorCode::kDevice, [&] { write_file_atomically(dir / "no/such/file", "x"); });
  EXPECT_EQ(message, "[files] cannot write " + (dir / "no/such/file").string() + ": No such file or directory");
}

TEST(AtomicFile, NeverReplacesADeviceOrAFolder) {
  const test::TempDir dir;
  EXPECT_THAT(error_of(ErrorCode::kUsage, [] { AtomicFile file("/dev/null"); }), HasSubstr("'/dev/null' is not one"));
  EXPECT_THAT(error_of(ErrorCode::kUsage, [&] { AtomicFile file(dir.path()); }), HasSubstr("is a folder"));
  struct stat info {};
  ASSERT_EQ(::stat("/dev/null", &info), 0);
  EXPECT_TRUE(S_ISCHR(info.st_mode));
}

TEST(AtomicFile, CommitTwiceIsAnError) {
  const test::TempDir dir;
  AtomicFile file(dir / "a");
  file.commit();
  error_of(ErrorCode::kInternal, [&] { file.commit(); });
  error_of(ErrorCode::kInternal, [&] { file.write("x"); });
}

TEST(ReadFile, ErrorsNameTheFile) {
  const test::TempDir dir;
  EXPECT_THAT(error_of(ErrorCode::kNotFound, [&] { read_file(dir / "none"); }), HasSubstr((dir / "none").string()));
  EXPECT_THAT(error_of(ErrorCode::kData, [&] { read_file(dir.path()); }), HasSubstr("Is a directory"));
  write_file_atomically(dir / "eleven", "12345678901");
  EXPECT_EQ(read_file(dir / "eleven", 11), "12345678901");
  EXPECT_THAT(error_of(ErrorCode::kData, [&] { read_file(dir / "eleven", 10); }),
              HasSubstr("at most 10 B, it has 11 B"));
}

TEST(ReadFile, ReadsAPipeToItsEndAndBoundsIt) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  ASSERT_EQ(write(ends[1], "through a pipe", 14), 14);
  close(ends[1]);
  const fs::path name = "/dev/fd/" + std::to_string(ends[0]);
  EXPECT_EQ(read_file(name), "through a pipe");
  close(ends[0]);
  error_of(ErrorCode::kData, [] { read_file("/dev/zero", 1000); });
}

TEST(ReadFile, NamesWithSpacesAndOtherBytes) {
  const test::TempDir dir;
  const fs::path file = dir / "a b \xff\xfe.txt";
  write_file_atomically(file, "x");
  EXPECT_EQ(read_file(file), "x");
}

TEST(MakeFolder, MakesParentsAndNamesAFileInTheWay) {
  const test::TempDir dir;
  make_folder(dir / "a/b/c");
  make_folder(dir / "a/b/c");
  EXPECT_TRUE(fs::is_directory(dir / "a/b/c"));
  write_file_atomically(dir / "file", "");
  EXPECT_THAT(error_of(ErrorCode::kDevice, [&] { make_folder(dir / "file/below"); }), HasSubstr("file/below"));
  EXPECT_THAT(error_of(ErrorCode::kDevice, [&] { make_folder(dir / "file"); }), HasSubstr("Not a directory"));
}

TEST(MappedFile, ShowsTheBytesAndMoves) {
  const test::TempDir dir;
  write_file_atomically(dir / "m", "mapped");
  MappedFile first(dir / "m");
  MappedFile second(std::move(first));
  MappedFile third;
  third = std::move(second);
  ASSERT_EQ(third.bytes().size(), 6u);
  EXPECT_EQ(static_cast<char>(third.bytes()[5]), 'd');
  write_file_atomically(dir / "empty", "");
  EXPECT_TRUE(MappedFile(dir / "empty").bytes().empty());
  error_of(ErrorCode::kNotFound, [&] { MappedFile file(dir / "none"); });
  error_of(ErrorCode::kData, [&] { MappedFile file(dir.path()); });
}

TEST(FolderLock, OneAtATime) {
  const test::TempDir dir;
  {
    const FolderLock lock(dir.path());
    EXPECT_THAT(error_of(ErrorCode::kDevice, [&] { FolderLock second(dir.path()); }),
                HasSubstr("another winnow process is writing to " + dir.path().string()));
  }
  const FolderLock again(dir.path());
  error_of(ErrorCode::kNotFound, [&] { FolderLock none(dir / "none"); });
}

TEST(FreeDiskBytes, OfAFolderThatDoesNotExistYet) {
  const test::TempDir dir;
  EXPECT_GT(free_disk_bytes(dir / "not/yet/there"), 0u);
  EXPECT_GT(free_disk_bytes("relative/not/there"), 0u);
}

TEST(Sync, NamesWhatItCannotSync) {
  const test::TempDir dir;
  write_file_atomically(dir / "a", "x");
  sync_file(dir / "a");
  sync_folder(dir.path());
  error_of(ErrorCode::kDevice, [&] { sync_file(dir / "none"); });
  error_of(ErrorCode::kDevice, [&] { sync_folder(dir / "a"); });
}

}  // namespace
}  // namespace winnow
