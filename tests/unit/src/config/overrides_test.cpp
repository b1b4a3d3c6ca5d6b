#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/config/reader.h"
#include "tests/support/expect_error.h"
#include "tests/unit/src/config/example_config.h"

namespace winnow {
namespace {

using test::ExampleConfig;
using testing::ElementsAre;
using testing::HasSubstr;

class Overrides : public testing::Test {
 protected:
  Origins read(const std::vector<std::string>& overrides) {
    config_ = ExampleConfig();
    return read_config({"r.yaml", overrides}, config_);
  }
  std::string refused(const std::vector<std::string>& overrides) {
    return test::error_of(ErrorCode::kConfig, [&] { read(overrides); });
  }
  void SetUp() override { folder_.put("r.yaml", "loss: {name: arcface, margin: 0.3, scale: 32}\n"); }
  test::ConfigFolder folder_;
  ExampleConfig config_;
};

TEST_F(Overrides, AreTypedByTheTable) {
  read({"name=010", "training.epochs=3", "training.nesterov=true", "where=[split=train, b=c]", "train=x/y",
        "training.step_epochs=[1, 2.5]", "training.learning_rate=1e-3"});
  EXPECT_EQ(config_.name, "010");
  EXPECT_EQ(config_.training.epochs, 3);
  EXPECT_TRUE(config_.training.nesterov);
  EXPECT_THAT(config_.where, ElementsAre("split=train", "b=c"));
  EXPECT_EQ(config_.train, (fs::canonical(folder_.path()) / "x/y").string());
  EXPECT_THAT(config_.training.step_epochs, ElementsAre(1, 2.5));
  EXPECT_EQ(config_.training.learning_rate, 1e-3);
}

TEST_F(Overrides, PlainValuesAreTakenAsTheyStand) {
  read({"name=a: b # c", "where=split=train", "train="});
  EXPECT_EQ(config_.name, "a: b # c");
  EXPECT_THAT(config_.where, ElementsAre("split=train"));
  EXPECT_EQ(config_.train, "");
  read({"name='quoted # text'"});
  EXPECT_EQ(config_.name, "quoted # text");
  read({" name = spaced "});
  EXPECT_EQ(config_.name, "spaced");
}

TEST_F(Overrides, LaterWins) {
  const Origins origins = read({"training.epochs=3", "training.epochs=4"});
  EXPECT_EQ(config_.training.epochs, 4);
  EXPECT_EQ(origins.at("training.epochs"), "command line");
}

TEST_F(Overrides, SetOneOptionOfTheMemberOfTheFile) {
  const Origins origins = read({"loss.margin=0.4"});
  EXPECT_EQ(config_.arcface().margin, 0.4);
  EXPECT_EQ(config_.arcface().scale, 32);
  EXPECT_EQ(origins.at("loss.margin"), "command line");
  EXPECT_EQ(origins.at("loss.scale"), "r.yaml:1");
}

TEST_F(Overrides, AnotherMemberReplacesTheMapOfTheFile) {
  for (const char* name : {"loss=cross_entropy", "loss.name=cross_entropy", "loss={name: cross_entropy}"}) {
    const Origins origins = read({name});
    EXPECT_EQ(config_.losses[0].name, "cross_entropy");
    EXPECT_EQ(origins.count("loss.margin"), 0u);
    EXPECT_EQ(origins.at("loss.name"), "command line");
  }
}

TEST_F(Overrides, NameAndOptionsInAnyOrder) {
  for (const auto& overrides : {std::vector<std::string>{"loss=cross_entropy", "loss.smoothing=0.2"},
                                {"loss.smoothing=0.2", "loss=cross_entropy"},
                                {"loss.smoothing=0.2", "loss.name=cross_entropy"}}) {
    read(overrides);
    EXPECT_EQ(config_.losses[0].name, "cross_entropy");
    EXPECT_EQ(dynamic_cast<test::CrossEntropyOptions&>(*config_.losses[0].options).smoothing, 0.2);
  }
}

TEST_F(Overrides, MembersOfAList) {
  folder_.put("r.yaml", "loss: [arcface, {name: cross_entropy, weight: 2}]\n");
  const Origins origins = read({"loss.0.margin=0.1", "loss.1.weight=3"});
  EXPECT_EQ(config_.arcface(0).margin, 0.1);
  EXPECT_EQ(config_.losses[1].weight, 3);
  EXPECT_EQ(origins.at("loss.0.margin"), "command line");
  EXPECT_EQ(origins.at("loss.1.name"), "r.yaml:1");
  EXPECT_THAT(refused({"loss.2.margin=0.1"}),
              HasSubstr("command line: 'loss' has no member 2, it has 2 (the first is 0)"));
  read({"loss=[none, arcface]", "loss.1.margin=0.7"});
  EXPECT_EQ(config_.arcface(1).margin, 0.7);
  EXPECT_THAT(refused({"loss=[none]", "loss.1.margin=0.7"}), HasSubstr("the list has no item '1'"));
}

TEST_F(Overrides, ExactMessages) {
  EXPECT_EQ(refused({"training.epoch=3"}),
            "command line: unknown key 'epoch' in 'training' (did you mean 'epochs'?)\n"
            "    training.epoch=3\n"
            "             ^\n"
            "1 error");
  EXPECT_EQ(refused({"epochs"}),
            "command line: an override must be key=value, there is no '='\n    epochs\n    ^\n1 error");
  EXPECT_EQ(
      refused({"a..b=1"}),
      "command line: a key must be names with dots between them, such as loss.margin\n    a..b=1\n    ^\n1 error");
  EXPECT_EQ(refused({"=1"}).substr(0, 26), "command line: a key must b");
  EXPECT_THAT(refused({"where=[a"}), HasSubstr("command line: YAML syntax: "));
  EXPECT_THAT(refused({"training=5", "training.epochs=3"}),
              HasSubstr("'training' must be a section with settings below it, got '5'"));
  EXPECT_THAT(refused({"training.epochs=3", "training=5"}),
              HasSubstr("'training' must be a section with settings below it, got '5'"));
  EXPECT_THAT(refused({"name.x=5"}), HasSubstr("'name' must be text, got a map"));
  EXPECT_THAT(refused({"training.epochs="}), HasSubstr("must be a whole number in 1..10000, got ''"));
}

}  // namespace
}  // namespace winnow
