#include "src/core/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <thread>

#include "src/core/log.h"

namespace winnow {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;
using testing::internal::CaptureStderr;
using testing::internal::GetCapturedStderr;

TEST(Progress, OnePlainLineAtTheEndWhereThereIsNoTerminal) {
  CaptureStderr();
  {
    Progress progress("embed", 10, "images");
    for (int i = 0; i < 10; ++i) progress.add();
    progress.note("loss 2.31");
    progress.finish();
    progress.add();  // a late worker draws nothing
  }
  EXPECT_THAT(GetCapturedStderr(), MatchesRegex("embed: 10/10 images, [0-9.]+ images/s, 0.0. s, loss 2.31\n"));
}

TEST(Progress, UnknownTotalAndNoItems) {
  CaptureStderr();
  { Progress progress("scan", 0); }
  EXPECT_THAT(GetCapturedStderr(), MatchesRegex("scan: 0 items, 0.00 items/s, 0.0. s\n"));
}

TEST(Progress, SilentWhenQuiet) {
  init_logging(LogLevel::kQuiet, false);
  CaptureStderr();
  { Progress progress("embed", 10); }
  EXPECT_EQ(GetCapturedStderr(), "");
  init_logging(LogLevel::kNormal, false);
}

TEST(Progress, CountsFromManyThreads) {
  CaptureStderr();
  {
    Progress progress("work", 4000);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 1000; ++i) progress.add();
      });
    for (auto& thread : threads) thread.join();
  }
  EXPECT_THAT(GetCapturedStderr(), HasSubstr("work: 4000/4000"));
}

TEST(Progress, RedrawsInPlaceOnATerminalAndNeverWraps) {
  int master = -1, slave = -1;
  winsize size{};
  size.ws_row = 24;
  size.ws_col = 40;
  if (openpty(&master, &slave, nullptr, nullptr, &size) != 0) GTEST_SKIP() << "needs a pseudo terminal";
  setenv("TERM", "xterm", 1);
  unsetenv("NO_COLOR");
  const int saved = dup(STDERR_FILENO);
  dup2(slave, STDERR_FILENO);
  {
    Progress progress("embed", 1000, "pictures of shelves");
    std::this_thread::sleep_for(std::chrono::milliseconds(120));
    progress.add(250);
  }
  dup2(saved, STDERR_FILENO);
  close(saved);
  close(slave);
  std::string out(4096, '\0');
  out.resize(static_cast<size_t>(std::max<ssize_t>(0, read(master, out.data(), out.size()))));
  close(master);
  EXPECT_THAT(out, HasSubstr("\r\033[Kembed: 250/1000 pictures of shelves (25"));
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 1);
  size_t longest = 0, start = 0;
  for (size_t at = 0; (at = out.find("\033[K", start)) != std::string::npos; start = at + 3)
    longest = std::max(longest, std::min(out.find('\r', at), out.size()) - at - 3);
  EXPECT_LE(longest, 39u);
}

TEST(FormatDuration, EachRange) {
  EXPECT_EQ(format_duration(0), "0.00 s");
  EXPECT_EQ(format_duration(-1), "0.00 s");
  EXPECT_EQ(format_duration(3.04), "3.0 s");
  EXPECT_EQ(format_duration(9.99), "10 s");
  EXPECT_EQ(format_duration(59.6), "1 min 00 s");
  EXPECT_EQ(format_duration(125), "2 min 05 s");
  EXPECT_EQ(format_duration(72 * 60), "1 h 12 min");
  EXPECT_EQ(format_duration(1e300), "277777 h 46 min");
}

}  // namespace
}  // namespace winnow
