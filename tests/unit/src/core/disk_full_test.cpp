#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "src/core/files.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_dir.h"

namespace winnow {
namespace {

using test::error_of;
using testing::HasSubstr;

TEST(DiskFull, NamesFileAndReasonAndLeavesNothing) {
  const test::TempDir dir;
  if (mount("tmpfs", dir.path().c_str(), "tmpfs", 0, "size=256k") != 0)
    GTEST_SKIP() << "needs the right to mount a small tmpfs: " << std::strerror(errno);
  const std::string message =
      error_of(ErrorCode::kDevice, [&] { write_file_atomically(dir / "big.npy", std::string(1 << 20, 'x')); });
  const bool empty = fs::is_empty(dir.path());
  // Small writes fill the buffer first, so that the failure comes out of commit().
  const std::string late = error_of(ErrorCode::kDevice, [&] {
    AtomicFile file(dir / "late.npy");
    for (int i = 0; i < 5000; ++i) file.write(std::string(100, 'x'));
    file.commit();
  });
  const bool still_empty = fs::is_empty(dir.path());
  umount(dir.path().c_str());
  EXPECT_EQ(message, "[files] cannot write " + (dir / "big.npy").string() + ": No space left on device");
  EXPECT_THAT(late, HasSubstr("late.npy: No space left on device"));
  EXPECT_TRUE(empty);
  EXPECT_TRUE(still_empty);
}

// The same path without the right to mount: a limit on the size of files.
TEST(DiskFull, FileSizeLimitIsReportedTheSame) {
  const test::TempDir dir;
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit small = before;
  small.rlim_cur = 1 << 16;
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  std::string message;
  try {
    write_file_atomically(dir / "big", std::string(1 << 20, 'x'));
  } catch (const Error& e) {
    message = e.what();
  }
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(message, "[files] cannot write " + (dir / "big").string() + ": File too large");
  EXPECT_TRUE(fs::is_empty(dir.path()));
}

}  // namespace
}  // namespace winnow
