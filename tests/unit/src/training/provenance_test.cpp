#include "src/training/provenance.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "src/core/json.h"
#include "tests/support/temp_dir.h"

namespace winnow {
namespace {

TEST(Provenance, QuotesWordsThatTheShellWouldSplit) {
  EXPECT_EQ(shell_line({"winnow", "train", "a b.yaml", "x=[1, 2]", "it's", ""}),
            "winnow train 'a b.yaml' 'x=[1, 2]' 'it'\\''s' ''");
}

TEST(Provenance, KeepsASessionForEachStart) {
  const test::TempDir dir;
  const fs::path file = dir / "provenance.json";
  Provenance first(file, {"winnow", "train"}, {{"seed", 1}});
  EXPECT_EQ(read_json(file)["sessions"][0]["status"], "running");
  first.end("interrupted", 130, "stopped");
  Provenance second(file, {"winnow", "train", "--resume"}, {{"seed", 2}});
  second.end("ok", 0, "");
  const auto document = read_json(file);
  EXPECT_EQ(document["seed"], 2);
  ASSERT_EQ(document["sessions"].size(), 2u);
  EXPECT_EQ(document["sessions"][0]["exit_code"], 130);
  EXPECT_EQ(document["sessions"][0]["message"], "stopped");
  EXPECT_EQ(document["sessions"][1]["command"], "winnow train --resume");
  EXPECT_EQ(document["sessions"][1]["status"], "ok");
  EXPECT_EQ(document["sessions"][1]["end"].get<std::string>().size(), std::string("2031-05-06T07:08:09Z").size());
}

}  // namespace
}  // namespace winnow
