#include <gtest/gtest.h>

#include <cstdlib>

#include "src/core/files.h"
#include "tests/integration/program.h"
#include "tests/integration/serve/serve_process.h"
#include "tests/support/temp_dir.h"

namespace winnow {
namespace {

bool works(const std::string& command) { return std::system((command + " >/dev/null 2>&1").c_str()) == 0; }

// What a person does on the page, in a real browser: use_page.mjs says each step.
TEST(ServePage, WorksWithMouseKeyboardAndOnAPhone) {
  const fs::path modules = fs::path(WINNOW_DEPS) / "node" / "node_modules";
  if (!works("node --version") || !fs::exists("/usr/bin/chromium") || !fs::exists(modules / "playwright-core"))
    GTEST_SKIP() << "needs node, chromium and playwright-core (scripts/bootstrap.sh --tests)";
  const test::TempDir folder;
  const fs::path index = test::copy_of_index(folder / "idx"), other = test::copy_of_index(folder / "other");
  const test::ServeProcess server(
      index, {"--feedback", (folder / "decisions.csv").string(), "--compare", other.string()}, true);
  const fs::path pictures = fs::path(WINNOW_BINARY_DIR) / "screenshots";
  fs::create_directories(pictures);
  const std::string command = "node '" WINNOW_SOURCE_DIR "/tests/integration/serve/use_page.mjs' --modules '" +
                              modules.string() + "' --out '" + pictures.string() + "' --url " + server.url() +
                              " --token " + test::kToken + " --picture '" +
                              (test::shop_folder() / "photos" / "class 2" / "shot 3.jpg").string() + "'";
  EXPECT_EQ(std::system(command.c_str()), 0) << "its lines above name each fault";
  const std::string decisions = test::slurp(folder / "decisions.csv");
  EXPECT_NE(decisions.find(",relabel,class 5,"), std::string::npos) << decisions;
  EXPECT_NE(decisions.find(",keep,"), std::string::npos) << decisions;
}

}  // namespace
}  // namespace winnow
