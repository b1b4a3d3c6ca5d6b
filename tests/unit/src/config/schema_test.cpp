#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "src/config/reader.h"
#include "tests/unit/src/config/example_config.h"

namespace winnow {
namespace {

using Json = nlohmann::json;

class Schema : public testing::Test {
 protected:
  test::ExampleConfig config_;
  Json schema_ = Json::parse(config_schema(config_, "winnow recipe"));
};

TEST_F(Schema, RootForbidsUnknownKeys) {
  EXPECT_EQ(schema_["$schema"], "https://json-schema.org/draft/2020-12/schema");
  EXPECT_EQ(schema_["title"], "winnow recipe");
  EXPECT_EQ(schema_["additionalProperties"], false);
  EXPECT_TRUE(schema_["properties"].contains("extends"));
}

TEST_F(Schema, ValuesCarryTypeLimitsDefaultAndHelp) {
  const Json& training = schema_["properties"]["training"];
  EXPECT_EQ(training["type"], "object");
  EXPECT_EQ(training["additionalProperties"], false);
  EXPECT_EQ(training["properties"]["epochs"],
            Json::parse(R"({"type": "integer", "minimum": 1, "maximum": 10000, "default": 10,
                            "description": "passes over the data"})"));
  EXPECT_EQ(training["properties"]["seed"], Json::parse(R"({"type": "integer", "default": 1, "description": "seed"})"));
  EXPECT_EQ(training["properties"]["decay"],
            Json::parse(R"({"type": "number", "minimum": 0.0, "default": 0.0, "description": "L2"})"));
  EXPECT_EQ(training["properties"]["device"]["enum"], Json::parse(R"(["auto", "cpu", "cuda"])"));
  EXPECT_EQ(training["properties"]["step_epochs"]["oneOf"][1]["items"]["maximum"], 10000.0);
}

TEST_F(Schema, FamiliesAreOneOfNamesAndObjects) {
  EXPECT_EQ(schema_["properties"]["training"]["properties"]["sampler"]["$ref"], "#/$defs/loss");
  const Json& plain = schema_["$defs"]["loss"]["oneOf"];
  ASSERT_EQ(plain.size(), 6u);
  EXPECT_EQ(plain[0]["const"], "arcface");
  EXPECT_EQ(plain[3]["properties"]["name"]["const"], "arcface");
  EXPECT_EQ(plain[3]["properties"]["margin"]["maximum"], 1.5);
  EXPECT_EQ(plain[3]["required"], Json::parse(R"(["name"])"));
  EXPECT_EQ(plain[3]["additionalProperties"], false);
  EXPECT_EQ(plain[3]["description"], "additive angular margin (Deng 2019)");
  EXPECT_FALSE(plain[3]["properties"].contains("weight"));
}

TEST_F(Schema, ListsOfMembersHaveWeights) {
  const Json& loss = schema_["properties"]["loss"];
  EXPECT_EQ(loss["oneOf"][0]["$ref"], "#/$defs/loss%20term");
  EXPECT_EQ(loss["oneOf"][1]["items"]["$ref"], "#/$defs/loss%20term");
  EXPECT_EQ(schema_["$defs"]["loss term"]["oneOf"][3]["properties"]["weight"]["minimum"], 0);
}

}  // namespace
}  // namespace winnow
