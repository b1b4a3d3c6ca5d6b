#include <gtest/gtest.h>

#include <cstdlib>

#include "src/core/files.h"
#include "tests/integration/screenshot/sample_reports.h"
#include "tests/support/temp_dir.h"

namespace winnow {
namespace {

bool command_works(const std::string& command) { return std::system((command + " >/dev/null 2>&1").c_str()) == 0; }

/// Where the pictures of the last run are kept for people to look at.
fs::path picture_folder() {
  const fs::path folder = fs::path(WINNOW_BINARY_DIR) / "screenshots";
  make_folder(folder);
  return folder;
}

TEST(Screenshot, ReportsWorkOnDesktopAndPhoneInLightAndDark) {
  if (!command_works("node --version")) GTEST_SKIP() << "needs node (scripts/bootstrap.sh --tests)";
  if (!fs::exists("/usr/bin/chromium")) GTEST_SKIP() << "needs /usr/bin/chromium (scripts/bootstrap.sh --tests)";
  const fs::path modules = fs::path(WINNOW_DEPS) / "node" / "node_modules";
  if (!fs::exists(modules / "playwright-core"))
    GTEST_SKIP() << "needs playwright-core in " << modules << " (scripts/bootstrap.sh --tests)";
  const test::TempDir folder;
  std::string command = "node '" WINNOW_SOURCE_DIR "/tests/integration/screenshot/check_page.mjs' --modules '" +
                        modules.string() + "' --out '" + picture_folder().string() + "'";
  for (const auto& report : test::write_sample_reports(folder.path())) command += " '" + report.string() + "'";
  EXPECT_EQ(std::system(command.c_str()), 0) << "its lines above name each fault";
}

TEST(Screenshot, TheCheckNoticesABrokenPage) {
  const fs::path modules = fs::path(WINNOW_DEPS) / "node" / "node_modules";
  if (!command_works("node --version") || !fs::exists("/usr/bin/chromium") || !fs::exists(modules / "playwright-core"))
    GTEST_SKIP() << "needs node, chromium and playwright-core (scripts/bootstrap.sh --tests)";
  const test::TempDir folder;
  write_file_atomically(folder / "broken.html",
                        "<!doctype html><html><body style='background:#fff'><p style='color:#ccc'>pale</p>"
                        "<img src='gone.png' alt=''><div style='width:3000px'>wide</div></body></html>");
  const std::string command = "node '" WINNOW_SOURCE_DIR "/tests/integration/screenshot/check_page.mjs' --modules '" +
                              modules.string() + "' --out '" + folder.path().string() + "' '" +
                              (folder / "broken.html").string() + "' > '" + (folder / "log").string() + "' 2>&1";
  EXPECT_NE(std::system(command.c_str()), 0);
  const std::string log = read_file(folder / "log");
  for (const char* part : {"contrast", "request", "scrolls sideways", "image"})
    EXPECT_NE(log.find(part), std::string::npos) << part << " not in:\n" << log;
}

}  // namespace
}  // namespace winnow
