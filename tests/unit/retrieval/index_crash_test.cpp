#include <cstdlib>

#include "tests/unit/retrieval/support.h"

namespace winnow {
namespace {

TEST(Crash, Kill9DuringABuildLeavesAnIndexThatOpensAndVerifies) {
  const test::TempDir dir;
  const std::string command = std::string(WINNOW_CRASH_TRIALS) + " '" + dir.path().string() + "' 20 1";
  const int status = std::system(command.c_str());
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0) << "see crash_trials.cpp for the meaning";
}

}  // namespace
}  // namespace winnow
