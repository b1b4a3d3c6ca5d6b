#include "src/config/reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/support/expect_error.h"
#include "tests/unit/src/config/example_config.h"

namespace winnow {
namespace {

using test::ArcfaceOptions;
using test::ExampleConfig;
using testing::ElementsAre;

class Reader : public testing::Test {
 protected:
  Origins read(const std::string& yaml) {
    folder_.put("r.yaml", yaml);
    config_ = ExampleConfig();
    return read_config({"r.yaml", {}}, config_);
  }
  test::ConfigFolder folder_;
  ExampleConfig config_;
};

TEST_F(Reader, ReadsEveryTypeWithItsOrigin) {
  const Origins origins = read(
      "name: 010\n"
      "train: pictures/train\n"
      "where: [split=train, 'a, b']\n"
      "archives: [a.tar, /data/b.tar]\n"
      "training:\n"
      "  epochs: 20\n"
      "  seed: -5\n"
      "  learning_rate: 1e-2\n"
      "  nesterov: true\n"
      "  device: cuda\n"
      "  step_epochs:\n"
      "    - 5\n"
      "    - 7.5\n"
      "  sampler: arcface\n"
      "loss: {name: arcface, margin: .3}\n");
  EXPECT_EQ(config_.name, "010");
  EXPECT_EQ(config_.train, (fs::canonical(folder_.path()) / "pictures/train").string());
  EXPECT_THAT(config_.where, ElementsAre("split=train", "a, b"));
  EXPECT_THAT(config_.archives, ElementsAre((fs::canonical(folder_.path()) / "a.tar").string(), "/data/b.tar"));
  EXPECT_EQ(config_.training.epochs, 20);
  EXPECT_EQ(config_.training.seed, -5);
  EXPECT_EQ(config_.training.learning_rate, 0.01);
  EXPECT_TRUE(config_.training.nesterov);
  EXPECT_EQ(config_.training.device, "cuda");
  EXPECT_THAT(config_.training.step_epochs, ElementsAre(5, 7.5));
  EXPECT_EQ(config_.training.sampler.name, "arcface");
  EXPECT_EQ(config_.arcface().margin, 0.3);
  EXPECT_EQ(config_.arcface().scale, 64);
  EXPECT_EQ(origins.at("name"), "r.yaml:1");
  EXPECT_EQ(origins.at("training.epochs"), "r.yaml:6");
  EXPECT_EQ(origins.at("training.step_epochs"), "r.yaml:11");
  EXPECT_EQ(origins.at("training.sampler.name"), "r.yaml:14");
  EXPECT_EQ(origins.at("loss.name"), "r.yaml:15");
  EXPECT_EQ(origins.at("loss.margin"), "r.yaml:15");
  EXPECT_EQ(origins.at("loss.scale"), "default");
  EXPECT_EQ(origins.at("training.decay"), "default");
}

TEST_F(Reader, EmptyFilesAndEmptySectionsKeepDefaults) {
  for (const char* yaml : {"", "# only a comment\n", "---\n", "training:\n  # epochs: 3\n"}) {
    read(yaml);
    EXPECT_EQ(config_.training.epochs, 10) << yaml;
    EXPECT_EQ(config_.losses[0].name, "arcface");
    EXPECT_NE(config_.losses[0].options, nullptr) << "defaults are filled in";
    EXPECT_NE(config_.training.sampler.options, nullptr);
  }
}

TEST_F(Reader, OneValueIsAListOfOne) {
  read("where: split=train\ntraining: {step_epochs: 3}\narchives: a.tar\n");
  EXPECT_THAT(config_.where, ElementsAre("split=train"));
  EXPECT_THAT(config_.training.step_epochs, ElementsAre(3));
  EXPECT_EQ(config_.archives.size(), 1u);
}

TEST_F(Reader, TextNeverChangesType) {
  read("name: yes\nwhere: [on, 1e3, 0x10, ~x, \"null\"]\n");
  EXPECT_EQ(config_.name, "yes");
  EXPECT_THAT(config_.where, ElementsAre("on", "1e3", "0x10", "~x", "null"));
}

TEST_F(Reader, MembersAsListWithWeights) {
  const Origins origins = read(
      "loss:\n"
      "  - arcface\n"
      "  - name: cross_entropy\n"
      "    smoothing: 0.1\n"
      "    weight: 0.5\n");
  ASSERT_EQ(config_.losses.size(), 2u);
  EXPECT_EQ(config_.losses[0].weight, 1.0);
  EXPECT_EQ(config_.losses[1].name, "cross_entropy");
  EXPECT_EQ(config_.losses[1].weight, 0.5);
  EXPECT_EQ(origins.at("loss.0.name"), "r.yaml:2");
  EXPECT_EQ(origins.at("loss.1.smoothing"), "r.yaml:4");
  EXPECT_EQ(origins.at("loss.0.weight"), "default");
  read("loss: []\n");
  EXPECT_TRUE(config_.losses.empty());
}

TEST_F(Reader, OptionsOfTheDefaultMemberWithoutItsName) {
  read("loss: {margin: 0.2}\n");
  EXPECT_EQ(config_.losses[0].name, "arcface");
  EXPECT_EQ(config_.arcface().margin, 0.2);
}

TEST_F(Reader, AnchorsAndAliases) {
  read("where: &w [a=b]\narchives: *w\n");
  EXPECT_THAT(config_.where, ElementsAre("a=b"));
  EXPECT_EQ(config_.archives.size(), 1u);
}

TEST_F(Reader, EmptyPathStaysEmpty) {
  read("train: ''\n");
  EXPECT_EQ(config_.train, "");
}

TEST_F(Reader, MissingFile) {
  const auto message = test::error_of(ErrorCode::kNotFound, [&] { read_config({"none.yaml", {}}, config_); });
  EXPECT_EQ(message, "[files] cannot open none.yaml: No such file or directory");
}

TEST_F(Reader, AFileThatIsAPipe) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  ASSERT_EQ(write(ends[1], "name: piped\n", 12), 12);
  close(ends[1]);
  read_config({"/dev/fd/" + std::to_string(ends[0]), {}}, config_);
  close(ends[0]);
  EXPECT_EQ(config_.name, "piped");
}

TEST_F(Reader, NoFileAtAll) {
  const Origins origins = read_config({"", {"training.epochs=3"}}, config_);
  EXPECT_EQ(config_.training.epochs, 3);
  EXPECT_EQ(origins.at("training.epochs"), "command line");
  EXPECT_EQ(origins.at("name"), "default");
}

}  // namespace
}  // namespace winnow
