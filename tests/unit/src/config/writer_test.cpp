#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "src/config/reader.h"
#include "tests/unit/src/config/example_config.h"

namespace winnow {
namespace {

using test::ExampleConfig;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(WriteConfig, EveryFieldInTableOrderWithOrigins) {
  test::ConfigFolder folder;
  folder.put("r.yaml", "name: my run\nloss: {name: arcface, margin: 0.3}\n");
  ExampleConfig config;
  const Origins origins = read_config({"r.yaml", {"training.epochs=3"}}, config);
  EXPECT_EQ(write_config(config, &origins),
            "name: \"my run\"  # r.yaml:1\n"
            "train: \"\"  # default\n"
            "where: []  # default\n"
            "archives: []  # default\n"
            "training:\n"
            "  epochs: 3  # command line\n"
            "  seed: 1  # default\n"
            "  learning_rate: 0.001  # default\n"
            "  decay: 0.0  # default\n"
            "  nesterov: false  # default\n"
            "  device: auto  # default\n"
            "  step_epochs: []  # default\n"
            "  sampler:\n"
            "    name: \"none\"  # default\n"
            "loss:\n"
            "  name: arcface  # r.yaml:2\n"
            "  margin: 0.3  # r.yaml:2\n"
            "  scale: 64.0  # default\n");
}

TEST(WriteConfig, ReadsBackTheSameFromAnywhere) {
  test::ConfigFolder folder;
  folder.put("r.yaml",
             "name: \"odd: # 'text' \\\"x\\\" \\\\ \\n\\t caf\xC3\xA9\"\n"
             "train: data\n"
             "where: [yes, '010', '', ' a', 'null', '1.5', a=b, '[x]']\n"
             "training: {learning_rate: 1.0e-07, decay: 12345678.9, step_epochs: [0.1, 3], sampler: arcface}\n"
             "loss: [{name: arcface, weight: 0.25}, none, cross_entropy]\n");
  ExampleConfig first, second;
  read_config({"r.yaml", {}}, first);
  const std::string text = write_config(first);
  folder.put("far/away/config.yaml", text);
  read_config({"far/away/config.yaml", {}}, second);
  EXPECT_EQ(write_config(second), text);
  EXPECT_THAT(config_differences(first, second), ElementsAre());
  EXPECT_EQ(second.name, first.name);
  EXPECT_EQ(second.where, first.where);
  EXPECT_EQ(second.train, first.train);
  EXPECT_EQ(second.training.learning_rate, 1e-7);
  EXPECT_THAT(text, HasSubstr("  learning_rate: 1.0e-07\n"));
  EXPECT_THAT(text, HasSubstr("loss:\n  - name: arcface\n    margin: 0.5\n    scale: 64.0\n    weight: 0.25\n"));
}

TEST(ConfigDifferences, NamesWhatChanged) {
  ExampleConfig a, b;
  read_config({"", {}}, a);
  read_config({"", {"training.epochs=3", "loss=cross_entropy", "where=[x=y]"}}, b);
  EXPECT_THAT(config_differences(a, b),
              ElementsAre("where: [] -> [x=y]", "training.epochs: 10 -> 3", "loss.name: arcface -> cross_entropy",
                          "loss.margin: 0.5 -> (none)", "loss.scale: 64.0 -> (none)", "loss.smoothing: (none) -> 0.0"));
}

TEST(DescribeOptions, OneLineAnOption) {
  test::ArcfaceOptions options;
  const auto docs = describe_options(options);
  ASSERT_EQ(docs.size(), 2u);
  EXPECT_EQ(docs[0].name, "margin");
  EXPECT_EQ(docs[0].type, "number");
  EXPECT_EQ(docs[0].default_value, "0.5");
  EXPECT_EQ(docs[0].range, "0..1.5");
  EXPECT_EQ(docs[0].help, "angular margin in radians");
  ExampleConfig config;
  std::vector<std::string> lines;
  for (const auto& doc : describe_options(config))
    lines.push_back(doc.name + "|" + doc.type + "|" + doc.default_value + "|" + doc.range);
  EXPECT_THAT(lines, ElementsAre("name|text|run|", "train|path|\"\"|", "where|texts|[]|", "archives|paths|[]|",
                                 "training.epochs|integer|10|1..10000", "training.seed|integer|1|",
                                 "training.learning_rate|number|0.001|1e-08..100", "training.decay|number|0.0|>= 0",
                                 "training.nesterov|boolean|false|", "training.device|choice|auto|auto | cpu | cuda",
                                 "training.step_epochs|numbers|[]|0..10000",
                                 "training.sampler|member|none|arcface | cross_entropy | none",
                                 "loss|members|arcface|arcface | cross_entropy | none"));
}

}  // namespace
}  // namespace winnow
