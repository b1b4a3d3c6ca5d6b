#include <cstdlib>

#include "tests/unit/retrieval/support.h"

namespace winnow {
namespace {

TEST(LiveCrash, Kill9LosesNoAcceptedWriteAndServesNothingHalfWritten) {
  const test::TempDir dir;
  const char* given = std::getenv("WINNOW_KILL_TRIALS");
  const std::string command =
      std::string(WINNOW_LIVE_CRASH_TRIALS) + " '" + dir.path().string() + "' " + (given ? given : "10") + " 1";
  const int status = std::system(command.c_str());
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0) << "see live_crash_trials.cpp for the meaning";
}

}  // namespace
}  // namespace winnow
