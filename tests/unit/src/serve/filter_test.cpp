#include "src/serve/filter.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "src/core/error.h"

namespace winnow {
namespace {

const std::vector<std::string> kColumns{"id", "path", "label", "price \"net\""};

std::string condition(const std::string& json) { return filter_condition(nlohmann::json::parse(json), kColumns); }

TEST(Filter, NothingIsNoCondition) { EXPECT_EQ(condition("{}"), ""); }

TEST(Filter, ValuesAreQuoted) {
  EXPECT_EQ(condition(R"({"label": "pear"})"), R"("label" = 'pear')");
  EXPECT_EQ(condition(R"({"label": "x' OR 1=1 --"})"), R"("label" = 'x'' OR 1=1 --')");
  EXPECT_EQ(condition(R"({"price \"net\"": 5})"), R"("price ""net""" = '5')");
  EXPECT_EQ(condition(R"({"id": 7})"), R"(CAST("id" AS TEXT) = '7')");
}

TEST(Filter, ListsAndRanges) {
  EXPECT_EQ(condition(R"({"label": ["a", "b"]})"), R"("label" IN ('a', 'b'))");
  EXPECT_EQ(condition(R"({"path": {"min": 1, "max": 2.5}})"),
            R"(("path" <> '' AND CAST("path" AS REAL) <= 2.5 AND CAST("path" AS REAL) >= 1))");
  EXPECT_EQ(condition(R"({"label": "a", "path": "b"})"), R"("label" = 'a' AND "path" = 'b')");
}

TEST(Filter, OtherFormsAreRefused) {
  for (const char* wrong : {"[]", R"({"labell": "a"})", R"({"label": null})", R"({"label": []})", R"({"label": {}})",
                            R"({"label": {"min": "1"}})", R"({"label": {"least": 1}})", R"({"label": [["a"]]})",
                            R"({"label": 1.5})", R"({"label": "a\u0000b"})"})
    EXPECT_THROW(condition(wrong), Error) << wrong;
}

TEST(Filter, AnUnknownColumnNamesTheNearest) {
  try {
    condition(R"({"labell": "a"})");
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.code(), ErrorCode::kUsage);
    EXPECT_NE(std::string(e.what()).find("did you mean 'label'"), std::string::npos);
  }
}

}  // namespace
}  // namespace winnow
