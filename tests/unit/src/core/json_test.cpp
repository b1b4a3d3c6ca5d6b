#include "src/core/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/support/expect_error.h"
#include "tests/support/temp_dir.h"

namespace winnow {
namespace {

using test::error_of;
using testing::StartsWith;

TEST(Json, WritesAndReadsBack) {
  const test::TempDir dir;
  const nlohmann::json value = {{"b", 1}, {"a", {1.5, nullptr, "x"}}};
  const std::string digest = write_json_atomically(dir / "v.json", value);
  EXPECT_EQ(digest, sha256_file(dir / "v.json"));
  EXPECT_EQ(read_json(dir / "v.json"), value);
  const nlohmann::ordered_json ordered = {{"b", 1}, {"a", 2}};
  write_json_atomically(dir / "o.json", ordered);
  EXPECT_EQ(read_file(dir / "o.json"), "{\n  \"b\": 1,\n  \"a\": 2\n}\n");
}

TEST(Json, TextThatIsNotUtf8IsReplaced) {
  const test::TempDir dir;
  write_json_atomically(dir / "v.json", nlohmann::json{{"path", "a\xFF"}});
  EXPECT_EQ(read_json(dir / "v.json")["path"], "a\xEF\xBF\xBD");
}

TEST(Json, SyntaxErrorsHaveLineAndColumn) {
  const auto fails = [](std::string_view text) {
    return error_of(ErrorCode::kData, [&] { parse_json(text, "card.json"); });
  };
  EXPECT_THAT(fails("{\n  \"a\": 1,\n  \"b\" 2\n}"), StartsWith("card.json:3:7: syntax error"));
  EXPECT_THAT(fails("{\"a\": "), StartsWith("card.json:1:7: syntax error"));
  EXPECT_THAT(fails(""), StartsWith("card.json:1:1: "));
  EXPECT_THAT(fails("[1e999]"), StartsWith("card.json"));
}

TEST(Json, MissingAndLargeFiles) {
  const test::TempDir dir;
  error_of(ErrorCode::kNotFound, [&] { read_json(dir / "none.json"); });
  write_json_atomically(dir / "v.json", nlohmann::json{1, 2, 3});
  error_of(ErrorCode::kData, [&] { read_json(dir / "v.json", 3); });
}

}  // namespace
}  // namespace winnow
