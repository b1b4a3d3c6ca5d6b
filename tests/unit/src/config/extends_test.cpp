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

class Extends : public testing::Test {
 protected:
  Origins read(const std::vector<std::string>& overrides = {}) {
    config_ = ExampleConfig();
    return read_config({"top.yaml", overrides}, config_);
  }
  std::string refused() {
    return test::error_of(ErrorCode::kConfig, [&] { read(); });
  }
  test::ConfigFolder folder_;
  ExampleConfig config_;
};

TEST_F(Extends, MapsMergeListsReplaceAndTheUpperFileWins) {
  folder_.put("base/lowest.yaml", "training: {epochs: 5, seed: 9}\nwhere: [a=1, b=2]\nname: lowest\n");
  folder_.put("base/middle.yaml", "extends: lowest.yaml\ntraining: {epochs: 6, decay: 0.5}\nname: middle\n");
  folder_.put("top.yaml", "extends: base/middle.yaml\nwhere: [c=3]\ntraining:\n  epochs: 7\n");
  const Origins origins = read({"training.decay=0.25"});
  EXPECT_EQ(config_.training.epochs, 7);
  EXPECT_EQ(config_.training.seed, 9);
  EXPECT_EQ(config_.training.decay, 0.25);
  EXPECT_EQ(config_.name, "middle");
  EXPECT_THAT(config_.where, ElementsAre("c=3"));
  EXPECT_EQ(origins.at("training.seed"), "base/lowest.yaml:1");
  EXPECT_EQ(origins.at("name"), "base/middle.yaml:3");
  EXPECT_EQ(origins.at("training.epochs"), "top.yaml:4");
  EXPECT_EQ(origins.at("training.decay"), "command line");
}

TEST_F(Extends, SeveralFilesLaterOnesWin) {
  folder_.put("a.yaml", "name: a\ntraining: {epochs: 5}\n");
  folder_.put("b.yaml", "name: b\n");
  folder_.put("top.yaml", "extends: [a.yaml, b.yaml]\n");
  read();
  EXPECT_EQ(config_.name, "b");
  EXPECT_EQ(config_.training.epochs, 5);
}

TEST_F(Extends, PathsAreRelativeToTheFileThatSetsThem) {
  folder_.put("base/a.yaml", "train: ../data/train\narchives: [x.tar]\n");
  folder_.put("top.yaml", "extends: base/a.yaml\n");
  read();
  const fs::path here = fs::canonical(folder_.path());
  EXPECT_EQ(config_.train, (here / "data/train").string());
  EXPECT_THAT(config_.archives, ElementsAre((here / "base/x.tar").string()));
}

TEST_F(Extends, TheSameMemberKeepsItsOptions) {
  folder_.put("a.yaml", "loss: {name: arcface, margin: 0.3}\n");
  folder_.put("top.yaml", "extends: a.yaml\nloss: {scale: 32}\n");
  read();
  EXPECT_EQ(config_.arcface().margin, 0.3);
  EXPECT_EQ(config_.arcface().scale, 32);
  folder_.put("top.yaml", "extends: a.yaml\nloss: arcface\n");
  read();
  EXPECT_EQ(config_.arcface().margin, 0.3);
}

TEST_F(Extends, AnotherMemberDropsTheOptionsOfTheOld) {
  folder_.put("a.yaml", "loss: {name: arcface, margin: 0.3, weight: 2}\n");
  folder_.put("top.yaml", "extends: a.yaml\nloss: {name: cross_entropy, smoothing: 0.2}\n");
  const Origins origins = read();
  EXPECT_EQ(config_.losses[0].name, "cross_entropy");
  EXPECT_EQ(config_.losses[0].weight, 1.0);
  EXPECT_EQ(origins.count("loss.margin"), 0u);
  EXPECT_EQ(origins.at("loss.smoothing"), "top.yaml:2");
  read({"loss=arcface"});
  EXPECT_EQ(config_.arcface().margin, 0.5) << "back to the default, not to the 0.3 of the lowest file";
}

TEST_F(Extends, AListBecomesOneMemberOnlyByName) {
  folder_.put("a.yaml", "loss: [arcface, cross_entropy]\n");
  folder_.put("top.yaml", "extends: a.yaml\nloss: none\n");
  const Origins origins = read();
  ASSERT_EQ(config_.losses.size(), 1u);
  EXPECT_EQ(config_.losses[0].name, "none");
  EXPECT_EQ(origins.count("loss.0.name"), 0u);
  folder_.put("top.yaml", "extends: a.yaml\nloss: {margin: 0.2}\n");
  EXPECT_THAT(refused(),
              HasSubstr("top.yaml:2:7: 'loss' holds 2 members: name one, or set loss.0.OPTION for the first"));
}

TEST_F(Extends, Cycles) {
  folder_.put("top.yaml", "extends: b.yaml\n");
  folder_.put("b.yaml", "name: b\nextends: ./top.yaml\n");
  EXPECT_EQ(refused(),
            "b.yaml:2:10: 'extends' goes in a circle: top.yaml -> b.yaml -> top.yaml\n"
            "    extends: ./top.yaml\n"
            "             ^\n"
            "1 error");
  folder_.put("top.yaml", "extends: top.yaml\n");
  EXPECT_THAT(refused(), HasSubstr("top.yaml -> top.yaml"));
}

TEST_F(Extends, ADiamondIsNoCycle) {
  folder_.put("base.yaml", "name: base\n");
  folder_.put("a.yaml", "extends: base.yaml\n");
  folder_.put("b.yaml", "extends: base.yaml\n");
  folder_.put("top.yaml", "extends: [a.yaml, b.yaml]\n");
  read();
  EXPECT_EQ(config_.name, "base");
}

TEST_F(Extends, MissingFileNamesTheNearest) {
  folder_.put("recipe.yaml", "name: x\n");
  folder_.put("top.yaml", "name: y\nextends: recipee.yaml\n");
  EXPECT_EQ(refused(),
            "top.yaml:2:10: 'extends' must name a readable file; [files] cannot open recipee.yaml: No such file or "
            "directory (did you mean 'recipe.yaml'?)\n"
            "    extends: recipee.yaml\n"
            "             ^\n"
            "1 error");
  folder_.put("top.yaml", "extends: {a: b}\n");
  EXPECT_THAT(refused(), HasSubstr("top.yaml:1:10: 'extends' must be the path of a file, got a map"));
  folder_.put("top.yaml", "training:\n  extends: recipe.yaml\n");
  EXPECT_THAT(refused(), HasSubstr("top.yaml:2:3: unknown key 'extends' in 'training'"));
}

TEST_F(Extends, FaultsOfEveryFileAreReported) {
  folder_.put("a.yaml", "training: {epochs: 0}\n");
  folder_.put("top.yaml", "extends: a.yaml\nname: [x]\n");
  const std::string message = refused();
  EXPECT_THAT(message, HasSubstr("top.yaml:2:7: 'name' must be text"));
  EXPECT_THAT(message, HasSubstr("a.yaml:1:20: 'training.epochs' must be"));
  EXPECT_LT(message.find("top.yaml"), message.find("a.yaml:1"));
}

}  // namespace
}  // namespace winnow
