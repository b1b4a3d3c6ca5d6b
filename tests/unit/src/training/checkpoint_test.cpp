#include "src/training/checkpoint.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

#include "tests/support/expect_error.h"
#include "tests/support/temp_dir.h"

namespace winnow {
namespace {

Checkpoint sample(int64_t epoch) {
  return {{{"w", at::full({2, 3}, static_cast<double>(epoch))}, {"n", at::full({}, epoch, at::kLong)}},
          "{\"epoch\":" + std::to_string(epoch) + "}"};
}

int64_t epoch_of(const std::optional<Checkpoint>& checkpoint) {
  return checkpoint ? checkpoint->tensors.at(1).second.item<int64_t>() : -1;
}

TEST(Checkpoint, RoundTrips) {
  const test::TempDir dir;
  EXPECT_FALSE(read_checkpoint(dir.path(), "last"));
  write_checkpoint(dir.path(), "last", sample(3));
  const auto read = read_checkpoint(dir.path(), "last");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->json, "{\"epoch\":3}");
  EXPECT_TRUE(at::equal(read->tensors.at(0).second, at::full({2, 3}, 3.0)));
  EXPECT_FALSE(read_checkpoint(dir.path(), "best"));
}

TEST(Checkpoint, ReplacesTheOlderOneAndLeavesNothingElse) {
  const test::TempDir dir;
  write_checkpoint(dir.path(), "last", sample(1));
  write_checkpoint(dir.path(), "last", sample(2));
  EXPECT_EQ(epoch_of(read_checkpoint(dir.path(), "last")), 2);
  EXPECT_EQ(std::distance(fs::directory_iterator(dir.path()), fs::directory_iterator()), 1);
}

TEST(Checkpoint, AHalfWrittenSuccessorIsIgnoredAndReplaced) {
  const test::TempDir dir;
  write_checkpoint(dir.path(), "last", sample(1));
  fs::create_directories(dir / ".last.tmp");
  std::ofstream(dir / ".last.tmp/state.safetensors") << "half";
  EXPECT_EQ(epoch_of(read_checkpoint(dir.path(), "last")), 1);
  write_checkpoint(dir.path(), "last", sample(2));
  EXPECT_EQ(epoch_of(read_checkpoint(dir.path(), "last")), 2);
}

TEST(Checkpoint, KilledBetweenTheTwoRenamesTheOlderOneIsRead) {
  const test::TempDir dir;
  write_checkpoint(dir.path(), "last", sample(1));
  fs::rename(dir / "last", dir / ".last.old");
  EXPECT_EQ(epoch_of(read_checkpoint(dir.path(), "last")), 1);
  write_checkpoint(dir.path(), "last", sample(2));
  EXPECT_EQ(epoch_of(read_checkpoint(dir.path(), "last")), 2);
  EXPECT_FALSE(fs::exists(dir / ".last.old"));
}

TEST(Checkpoint, KilledAtAnyTimeAWholeOneIsRead) {
  const test::TempDir dir;
  write_checkpoint(dir.path(), "last", sample(0));
  int64_t newest = 0;
  for (int round = 0; round < 12; ++round) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0)
      for (int64_t epoch = newest + 1;; ++epoch) write_checkpoint(dir.path(), "last", sample(epoch));
    std::this_thread::sleep_for(std::chrono::microseconds(9000 + 5300 * round));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    const int64_t found = epoch_of(read_checkpoint(dir.path(), "last"));
    EXPECT_GE(found, newest);
    newest = std::max(newest, found);
  }
  EXPECT_GT(newest, 0);
}

TEST(Checkpoint, AFlippedByteIsFound) {
  const test::TempDir dir;
  write_checkpoint(dir.path(), "last", sample(1));
  const fs::path file = dir / "last/state.safetensors";
  std::string bytes = read_file(file);
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  std::ofstream(file, std::ios::binary) << bytes;
  const auto message = test::error_of(ErrorCode::kData, [&] { read_checkpoint(dir.path(), "last"); });
  EXPECT_NE(message.find("state.safetensors does not match its digest"), std::string::npos) << message;
}

TEST(Checkpoint, BrokenJsonNamesTheFile) {
  const test::TempDir dir;
  write_checkpoint(dir.path(), "last", sample(1));
  std::ofstream(dir / "last/state.json") << "{";
  const auto message = test::error_of(ErrorCode::kData, [&] { read_checkpoint(dir.path(), "last"); });
  EXPECT_NE(message.find("state.json"), std::string::npos) << message;
}

}  // namespace
}  // namespace winnow
