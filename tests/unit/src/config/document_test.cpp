#include "src/config/document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "src/config/reader.h"
#include "tests/support/expect_error.h"
#include "tests/unit/src/config/example_config.h"

namespace winnow {
namespace {

using testing::StartsWith;
using namespace config;

TEST(Document, PlacesAreThoseOfTheText) {
  auto text = std::make_shared<Text>();
  text->name = "t.yaml";
  text->text = "a: 1\nb:\n  - {c: 'x'}\n";
  Faults faults;
  const auto root = parse_yaml({text, 0, 0}, faults);
  ASSERT_TRUE(faults.empty());
  const Entry* b = root->find("b");
  ASSERT_NE(b, nullptr);
  EXPECT_EQ(b->place.line, 1);
  EXPECT_EQ(b->place.column, 0);
  const Entry* c = b->value->items.at(0)->find("c");
  ASSERT_NE(c, nullptr);
  EXPECT_EQ(c->place.line, 2);
  EXPECT_EQ(c->place.column, 5);
  EXPECT_EQ(c->value->place.column, 8);
  EXPECT_TRUE(c->value->quoted);
  EXPECT_FALSE(root->find("a")->value->quoted);
  EXPECT_EQ(root->find("none"), nullptr);
}

class YamlToJson : public testing::Test {
 protected:
  nlohmann::json convert(const std::string& yaml) {
    folder_.put("d.yaml", yaml);
    return nlohmann::json::parse(yaml_to_json("d.yaml"));
  }
  std::string refused(const std::string& yaml) {
    return test::error_of(ErrorCode::kData, [&] { convert(yaml); });
  }
  test::ConfigFolder folder_;
};

TEST_F(YamlToJson, KeepsOnlyTypesThatAllYamlVersionsShare) {
  EXPECT_EQ(
      convert("a: 1\nb: -2.5\nc: true\nd: yes\ne: 010\nf: '1'\ng:\nh: [x, 1e3]\ni: {j: \"\"}\nk: .inf\nl: 0\nm: 0.5\n"),
      nlohmann::json::parse(R"({"a": 1, "b": -2.5, "c": true, "d": "yes", "e": "010", "f": "1", "g": null,
                                      "h": ["x", 1000.0], "i": {"j": ""}, "k": ".inf", "l": 0, "m": 0.5})"));
  EXPECT_TRUE(convert("").is_null());
  EXPECT_EQ(convert("- &a 1\n- *a\n"), nlohmann::json::parse("[1, 1]"));
}

TEST_F(YamlToJson, ErrorsHaveTheirPlace) {
  EXPECT_THAT(refused("a: 1\nb: 2\na: 3\n"), StartsWith("d.yaml:3:1: duplicate key 'a', first at line 1\n"));
  EXPECT_THAT(refused("a: [1\n"), StartsWith("d.yaml:2:1: YAML syntax: "));
  test::error_of(ErrorCode::kNotFound, [] { yaml_to_json("none.yaml"); });
}

TEST_F(YamlToJson, DeepNestingIsRefusedNotFollowed) {
  EXPECT_THAT(refused(std::string(100000, '[')), StartsWith("d.yaml:"));
}

}  // namespace
}  // namespace winnow
