#include "src/core/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

namespace winnow {
namespace {

using testing::internal::CaptureStderr;
using testing::internal::CaptureStdout;
using testing::internal::GetCapturedStderr;
using testing::internal::GetCapturedStdout;

class Log : public testing::Test {
 protected:
  void TearDown() override { init_logging(LogLevel::kNormal, false); }
};

TEST_F(Log, TextGoesToStderrWithTheLevelOfWarnings) {
  CaptureStdout();
  CaptureStderr();
  init_logging(LogLevel::kNormal, false);
  log_info("{} pictures", 3);
  log_warning("one is bad: {}", "x.jpg");
  log_debug("not shown");
  EXPECT_EQ(GetCapturedStderr(), "3 pictures\nwarning: one is bad: x.jpg\n");
  EXPECT_EQ(GetCapturedStdout(), "");
}

TEST_F(Log, LevelsHideAndShow) {
  init_logging(LogLevel::kQuiet, false);
  EXPECT_EQ(log_level(), LogLevel::kQuiet);
  CaptureStderr();
  log_info("hidden");
  log_warning("kept");
  EXPECT_EQ(GetCapturedStderr(), "warning: kept\n");
  init_logging(LogLevel::kVerbose, false);
  CaptureStderr();
  log_debug("detail");
  EXPECT_EQ(GetCapturedStderr(), "debug: detail\n");
}

TEST_F(Log, JsonLinesParseWhateverTheMessageHolds) {
  init_logging(LogLevel::kNormal, true);
  CaptureStderr();
  log_warning("{}", "a \"quoted\" \\ path\nwith \xFF bytes");
  const auto line = nlohmann::json::parse(GetCapturedStderr());
  EXPECT_EQ(line["level"], "warning");
  EXPECT_EQ(line["message"], "a \"quoted\" \\ path\nwith \xEF\xBF\xBD bytes");
  EXPECT_THAT(line["time"].get<std::string>(), testing::MatchesRegex("....-..-..T..:..:..Z"));
}

TEST_F(Log, ALogLineErasesTheStatusLineOnce) {
  init_logging(LogLevel::kNormal, false);
  detail::set_status_line(true);
  CaptureStderr();
  log_info("a");
  log_info("b");
  EXPECT_EQ(GetCapturedStderr(), "\r\033[Ka\nb\n");
}

TEST_F(Log, NoControlSequencesWhereNotWanted) {
  CaptureStderr();  // stderr is a file now
  EXPECT_FALSE(stderr_is_rich());
  GetCapturedStderr();
  setenv("NO_COLOR", "1", 1);
  EXPECT_FALSE(stderr_is_rich());
  unsetenv("NO_COLOR");
}

}  // namespace
}  // namespace winnow
