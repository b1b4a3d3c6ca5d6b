#include "src/core/parallel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <numeric>
#include <set>

#include "src/core/interrupt.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_dir.h"

namespace winnow {
namespace {

TEST(ParallelFor, CoversEachItemOnce) {
  for (const int64_t n : {1, 2, 3, 7, 100})
    for (const int threads : {1, 2, 3, 8}) {
      std::vector<int> seen(static_cast<size_t>(n));
      parallel_for(
          n,
          [&](int64_t begin, int64_t end) {
            ASSERT_LT(begin, end);
            for (int64_t i = begin; i < end; ++i) ++seen[static_cast<size_t>(i)];
          },
          threads);
      EXPECT_EQ(seen, std::vector<int>(static_cast<size_t>(n), 1)) << n << " items, " << threads << " threads";
    }
  parallel_for(0, [](int64_t, int64_t) { FAIL() << "no items, no call"; });
}

TEST(ParallelFor, UsesSeveralThreadsButNoSmallBlocks) {
  std::mutex mutex;
  std::set<std::thread::id> ids;
  const auto body = [&](int64_t, int64_t) {
    const std::lock_guard lock(mutex);
    ids.insert(std::this_thread::get_id());
  };
  parallel_for(100, body, 4);
  EXPECT_EQ(ids.size(), 4u);
  ids.clear();
  parallel_for(100, body, 4, 50);
  EXPECT_EQ(ids.size(), 2u);
  ids.clear();
  parallel_for(100, body, 4, 1000);
  EXPECT_EQ(ids, std::set<std::thread::id>{std::this_thread::get_id()});
}

TEST(ParallelFor, PassesTheFirstBlocksExceptionAfterAllEnded) {
  std::atomic<int> ended{0};
  const auto run = [&] {
    parallel_for(
        4,
        [&](int64_t begin, int64_t) {
          ++ended;
          if (begin > 0) throw Error(ErrorCode::kData, "block " + std::to_string(begin));
        },
        4);
  };
  for (int repeat = 0; repeat < 20; ++repeat) {
    ended = 0;
    EXPECT_EQ(test::error_of(ErrorCode::kData, run), "block 1");
    EXPECT_EQ(ended, 4);
  }
}

TEST(ThreadPool, RunsEveryTaskBeforeItEnds) {
  std::atomic<int> done{0};
  {
    ThreadPool pool(3);
    EXPECT_EQ(pool.size(), 3);
    for (int i = 0; i < 1000; ++i) pool.submit([&] { ++done; });
  }
  EXPECT_EQ(done, 1000);
}

TEST(ThreadCount, IsSetOnceForAll) {
  const int before = thread_count();
  EXPECT_GE(before, 1);
  set_thread_count(3);
  EXPECT_EQ(thread_count(), 3);
  set_thread_count(before);
  test::error_of(ErrorCode::kUsage, [] { set_thread_count(0); });
}

TEST(CgroupQuota, Version2TakesTheSmallestOfTheGroupAndItsParents) {
  const test::TempDir dir;
  make_folder(dir / "pod/work");
  write_file_atomically(dir / "pod/cpu.max", "150000 100000\n");
  write_file_atomically(dir / "pod/work/cpu.max", "max 100000\n");
  EXPECT_EQ(cgroup_cpu_quota("0::/pod/work\n", dir.path()), 2);
  EXPECT_EQ(cgroup_cpu_quota("0::/\n", dir.path()), 0);
  write_file_atomically(dir / "cpu.max", "50000 100000\n");
  EXPECT_EQ(cgroup_cpu_quota("0::/pod/work\n", dir.path()), 1);
  // In a container the path is the host's and absent here; the mount itself still counts.
  EXPECT_EQ(cgroup_cpu_quota("0::/host/only\n", dir.path()), 1);
}

TEST(CgroupQuota, Version1) {
  const test::TempDir dir;
  make_folder(dir / "cpu,cpuacct/job");
  write_file_atomically(dir / "cpu,cpuacct/job/cpu.cfs_quota_us", "300000\n");
  write_file_atomically(dir / "cpu,cpuacct/job/cpu.cfs_period_us", "100000\n");
  write_file_atomically(dir / "cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
  write_file_atomically(dir / "cpu,cpuacct/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(cgroup_cpu_quota("5:memory:/job\n4:cpu,cpuacct:/job\n", dir.path()), 3);
  EXPECT_EQ(cgroup_cpu_quota("5:memory:/job\n", dir.path()), 0);
  EXPECT_EQ(cgroup_cpu_quota("", dir.path()), 0);
}

TEST(PeakRss, GrowsWithTouchedMemory) {
  const uint64_t before = peak_rss_bytes();
  EXPECT_GT(before, uint64_t{1} << 20);
  std::vector<char> block(before + (64 << 20), 1);
  EXPECT_GE(peak_rss_bytes(), before + (32 << 20)) << block[5];
}

TEST(Interrupt, FirstSignalSetsTheFlag) {
  install_interrupt_handler();
  set_interrupted(false);
  EXPECT_FALSE(interrupted());
  std::raise(SIGINT);
  EXPECT_TRUE(interrupted());
  set_interrupted(false);
}

TEST(InterruptDeathTest, SecondSignalEndsTheProcess) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(
      {
        install_interrupt_handler();
        std::raise(SIGTERM);
        std::raise(SIGTERM);
      },
      testing::ExitedWithCode(128 + SIGTERM), "");
}

}  // namespace
}  // namespace winnow
