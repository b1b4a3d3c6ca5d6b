#include "src/core/scratch_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "src/core/error.h"
#include "src/core/memory.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_dir.h"

namespace winnow {
namespace {

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

TEST(ScratchFile, GivesBackWhatWasWrittenAndLeavesNothing) {
  const test::TempDir dir;
  ScratchFile file(dir.path(), ".x.", 10);
  file.write(bytes_of("tile one,"));
  file.write(bytes_of("two"));
  const auto mapped = file.map();
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(mapped.data()), mapped.size()), "tile one,two");
  EXPECT_EQ(file.folder(), dir.path());
  EXPECT_TRUE(fs::is_empty(dir.path()));
}

TEST(ScratchFile, EmptyIsEmpty) {
  const test::TempDir dir;
  ScratchFile file(dir.path(), ".x.", 0);
  EXPECT_TRUE(file.map().empty());
}

TEST(ScratchFile, GoesElsewhereWhereTheFolderCannotBeWritten) {
  const test::TempDir dir;
  ScratchFile file(dir.path() / "none", ".x.", 1);
  EXPECT_NE(file.folder(), dir.path() / "none");
}

TEST(ScratchFile, SaysWhatDoesNotFit) {
  const test::TempDir dir;
  EXPECT_THAT(test::error_of(ErrorCode::kDevice, [&] { ScratchFile file(dir.path(), ".x.", UINT64_MAX / 2); }),
              testing::HasSubstr("of disk are required"));
  EXPECT_TRUE(fs::is_empty(dir.path()));
}

TEST(MemoryWatch, CountsWhatIsTakenAndNotWhatIsMapped) {
  constexpr size_t kBytes = size_t{64} << 20;
  const test::TempDir dir;
  ScratchFile file(dir.path(), ".x.", kBytes);
  {
    const std::vector<std::byte> tile(size_t{1} << 20);
    for (size_t at = 0; at < kBytes; at += tile.size()) file.write(tile);
  }
  MemoryWatch mapped;
  int sum = 0;
  for (size_t at = 0; const std::byte b : file.map()) sum += ++at % 4096 == 0 ? std::to_integer<int>(b) : 0;
  EXPECT_EQ(sum, 0);
  EXPECT_LT(mapped.growth(), kBytes / 8);
  MemoryWatch taken;
  {
    const std::vector<char> block(kBytes, 'x');
    taken.look();
    EXPECT_EQ(block[kBytes / 2], 'x');
  }
  EXPECT_GE(taken.growth(), kBytes - kBytes / 8);  // also after it was given back
  EXPECT_LT(taken.growth(), kBytes + kBytes / 8);
}

}  // namespace
}  // namespace winnow
