// Every kind of bad configuration with the exact text of its message.
#include <gtest/gtest.h>

#include "src/config/reader.h"
#include "tests/support/expect_error.h"
#include "tests/unit/src/config/example_config.h"

namespace winnow {
namespace {

class ConfigFaults : public testing::Test {
 protected:
  std::string faults(const std::string& yaml, const std::vector<std::string>& overrides = {}) {
    folder_.put("r.yaml", yaml);
    test::ExampleConfig config;
    return test::error_of(ErrorCode::kConfig, [&] { read_config({"r.yaml", overrides}, config); });
  }
  test::ConfigFolder folder_;
};

TEST_F(ConfigFaults, UnknownKeyWithTheNearestName) {
  EXPECT_EQ(faults("training:\n  epochs: 3\n  lerning_rate: 0.1\n"),
            "r.yaml:3:3: unknown key 'lerning_rate' in 'training' (did you mean 'learning_rate'?)\n"
            "      lerning_rate: 0.1\n"
            "      ^\n"
            "1 error");
}

TEST_F(ConfigFaults, UnknownKeyThatBelongsElsewhere) {
  EXPECT_EQ(faults("epochs: 3\n"),
            "r.yaml:1:1: unknown key 'epochs' (did you mean 'training.epochs'?)\n"
            "    epochs: 3\n"
            "    ^\n"
            "1 error");
}

TEST_F(ConfigFaults, UnknownKeyLikeNoOther) {
  EXPECT_EQ(faults("colour: red\n"),
            "r.yaml:1:1: unknown key 'colour'; known: extends, recipe, name, train, where, archives, training, loss\n"
            "    colour: red\n"
            "    ^\n"
            "1 error");
}

TEST_F(ConfigFaults, DuplicateKey) {
  EXPECT_EQ(faults("name: a\ntraining:\n  epochs: 1\n  epochs: 2\n"),
            "r.yaml:4:3: duplicate key 'epochs', first at line 3\n"
            "      epochs: 2\n"
            "      ^\n"
            "1 error");
}

TEST_F(ConfigFaults, AllAtOnceInTheOrderOfTheFile) {
  EXPECT_EQ(faults("loss: {name: arcface, margin: 3}\n"
                   "training:\n"
                   "  nesterov: yes\n"
                   "  epochs: 1e3\n"
                   "nam: x\n",
                   {"training.seed=many"}),
            "r.yaml:1:31: 'loss.margin' must be a number in 0..1.5, got '3'\n"
            "    loss: {name: arcface, margin: 3}\n"
            "                                  ^\n"
            "r.yaml:3:13: 'training.nesterov' must be true or false, got 'yes' (did you mean true?)\n"
            "      nesterov: yes\n"
            "                ^\n"
            "r.yaml:4:11: 'training.epochs' must be a whole number in 1..10000, got '1e3'\n"
            "      epochs: 1e3\n"
            "              ^\n"
            "r.yaml:5:1: unknown key 'nam' (did you mean 'name'?)\n"
            "    nam: x\n"
            "    ^\n"
            "command line: 'training.seed' must be a whole number, got 'many'\n"
            "    training.seed=many\n"
            "                  ^\n"
            "5 errors");
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

TEST_F(ConfigFaults, NumbersAndTheirLimits) {
  const auto number = [&](const std::string& value) {
    return first_line(faults("training: {decay: " + value + "}\n"));
  };
  EXPECT_EQ(number("-1"), "r.yaml:1:19: 'training.decay' must be a number >= 0, got '-1'");
  EXPECT_EQ(number(".nan"), "r.yaml:1:19: 'training.decay' must be a finite number >= 0, got '.nan'");
  EXPECT_EQ(number("-.inf"), "r.yaml:1:19: 'training.decay' must be a finite number >= 0, got '-.inf'");
  EXPECT_EQ(number("1e999"), "r.yaml:1:19: 'training.decay' must be a number >= 0, got '1e999'");
  EXPECT_EQ(number("'0.5'"), "r.yaml:1:19: 'training.decay' must be a number >= 0, got the text '0.5'");
  EXPECT_EQ(number("[1]"), "r.yaml:1:19: 'training.decay' must be a number >= 0, got a list");
  EXPECT_EQ(number("{a: 1}"), "r.yaml:1:19: 'training.decay' must be a number >= 0, got a map");
  EXPECT_EQ(number(""), "r.yaml:1:12: 'training.decay' must be a number >= 0, got nothing");
}

TEST_F(ConfigFaults, IntegersAreDecimal) {
  for (const char* value : {"010", "0x10", "1_000", "1.0", "3.5", "true", "99999999999999999999", "0", "10001"})
    EXPECT_EQ(first_line(faults(std::string("training:\n  epochs: ") + value + "\n")),
              std::string("r.yaml:2:11: 'training.epochs' must be a whole number in 1..10000, got '") + value + "'");
}

TEST_F(ConfigFaults, Booleans) {
  const auto boolean = [&](const std::string& value) {
    return first_line(faults("training: {nesterov: " + value + "}\n"));
  };
  EXPECT_EQ(boolean("off"), "r.yaml:1:22: 'training.nesterov' must be true or false, got 'off' (did you mean false?)");
  EXPECT_EQ(boolean("TRUE"), "r.yaml:1:22: 'training.nesterov' must be true or false, got 'TRUE' (did you mean true?)");
  EXPECT_EQ(boolean("'true'"),
            "r.yaml:1:22: 'training.nesterov' must be true or false, got the text 'true' (did you mean true?)");
  EXPECT_EQ(boolean("maybe"), "r.yaml:1:22: 'training.nesterov' must be true or false, got 'maybe'");
}

TEST_F(ConfigFaults, ChoicesTextsListsAndSections) {
  EXPECT_EQ(first_line(faults("training: {device: cudo}\n")),
            "r.yaml:1:20: 'training.device' must be one of auto, cpu, cuda, got 'cudo' (did you mean 'cuda'?)");
  EXPECT_EQ(first_line(faults("name: [a]\n")), "r.yaml:1:7: 'name' must be text, got a list");
  EXPECT_EQ(first_line(faults("name:\n")), "r.yaml:1:1: 'name' must be text, got nothing");
  EXPECT_EQ(first_line(faults("where: {a: b}\n")), "r.yaml:1:8: 'where' must be a list such as [a, b], got a map");
  EXPECT_EQ(first_line(faults("where:\n  - ok\n  - [no]\n")), "r.yaml:3:5: 'where' must be text, got a list");
  EXPECT_EQ(first_line(faults("training:\n  step_epochs: [1, two, 3]\n")),
            "r.yaml:2:20: 'training.step_epochs' must be a number in 0..10000, got 'two'");
  EXPECT_EQ(first_line(faults("training: fast\n")),
            "r.yaml:1:11: 'training' must be a section with settings below it, got 'fast'");
  EXPECT_EQ(first_line(faults("- a\n- b\n")), "r.yaml:1:1: the settings must be a map (key: value), got a list");
}

TEST_F(ConfigFaults, FamilyMembers) {
  EXPECT_EQ(first_line(faults("loss: arcfase\n")), "r.yaml:1:7: unknown loss 'arcfase' (did you mean 'arcface'?)");
  EXPECT_EQ(first_line(faults("loss: triplet\n")),
            "r.yaml:1:7: unknown loss 'triplet'; known: arcface, cross_entropy, none");
  EXPECT_EQ(first_line(faults("loss: {name: cross_entropy, margin: 0.3}\n")),
            "r.yaml:1:29: 'margin' is an option of arcface, not of cross_entropy");
  EXPECT_EQ(first_line(faults("loss: {name: arcface, marign: 0.3}\n")),
            "r.yaml:1:23: unknown key 'marign' in 'loss' (did you mean 'margin'?)");
  EXPECT_EQ(first_line(faults("loss: {name: [a]}\n")),
            "r.yaml:1:14: 'loss.name' must be the name of a loss, got a list");
  EXPECT_EQ(first_line(faults("loss: [arcface, [none]]\n")),
            "r.yaml:1:17: 'loss.1' must be a loss: NAME or {name: NAME, ...}, got a list");
  EXPECT_EQ(first_line(faults("loss: [arcface, {weight: 2}]\n")),
            "r.yaml:1:17: 'loss.1' must name its loss (name: one of arcface, cross_entropy, none), got a map");
  EXPECT_EQ(first_line(faults("loss: [arcface, {name: none, weight: -1}]\n")),
            "r.yaml:1:38: 'loss.1.weight' must be a number in 0..1e+09, got '-1'");
  EXPECT_EQ(first_line(faults("training: {sampler: {name: none, weight: 1}}\n")),
            "r.yaml:1:34: unknown key 'weight' in 'training.sampler'; known: name");
}

TEST_F(ConfigFaults, SyntaxEncodingAndStructure) {
  EXPECT_EQ(first_line(faults("name: [a\nwhere: b\n")).substr(0, 25), "r.yaml:2:6: YAML syntax: ");
  EXPECT_EQ(first_line(faults("a: b: c\n")).substr(0, 24), "r.yaml:1:5: YAML syntax:");
  EXPECT_EQ(first_line(faults("name: caf\xE9\n")), "r.yaml:1:10: the text must be UTF-8, this byte is not");
  EXPECT_EQ(first_line(faults(std::string("name: a\nwhere: \0\0\0b\n", 20))),
            "r.yaml:2:8: the text must be UTF-8, this byte is not");
  EXPECT_EQ(first_line(faults("name: \"a\\0b\"\n")).substr(0, 62),
            "r.yaml:1:7: 'name' must be text without NUL characters, got th");
  EXPECT_EQ(first_line(faults("name: a\n---\nname: b\n")),
            "r.yaml:2:1: one YAML document is required, a second one starts here");
  EXPECT_EQ(first_line(faults("? [a]\n: b\n")), "r.yaml:1:3: a key must be a name, got a list");
  EXPECT_EQ(first_line(faults("x: &x {name: a}\n<<: *x\n")).substr(0, 11), "r.yaml:1:1:");
  EXPECT_NE(
      faults("x: &x {name: a}\n<<: *x\n").find("r.yaml:2:1: YAML merge keys (<<) are not supported; use extends:"),
      std::string::npos);
  EXPECT_EQ(first_line(faults("where: &w [*w]\n")), "r.yaml:1:12: an alias must name an anchor that ended before it");
}

TEST_F(ConfigFaults, ColumnsCountCharacters) {
  EXPECT_EQ(faults("training: {\"d\xC3\xA9\": 1, epochs: x}\n").substr(0, 20), "r.yaml:1:12: unknown");
  EXPECT_NE(faults("training: {\"d\xC3\xA9\": 1, epochs: x}\n")
                .find("r.yaml:1:29: 'training.epochs' must be a whole number in 1..10000, got 'x'\n"
                      "    training: {\"d\xC3\xA9\": 1, epochs: x}\n"
                      "                                ^\n"),
            std::string::npos);
}

TEST_F(ConfigFaults, CrossFieldChecksPointAtTheirGroup) {
  EXPECT_EQ(faults("name: a\ntraining:\n  nesterov: true\n  learning_rate: 2\nloss:\n  margin: 1.2\n  scale: 200\n"),
            "r.yaml:2:1: 'training': nesterov needs a learning_rate of at most 1\n"
            "    training:\n"
            "    ^\n"
            "r.yaml:5:1: 'loss': a margin above 1 needs a scale of at most 100\n"
            "    loss:\n"
            "    ^\n"
            "2 errors");
  EXPECT_EQ(faults("name: bad\ntraining: {epochs: 1}\n"), "r.yaml: a bad run needs more than one epoch\n1 error");
}

TEST_F(ConfigFaults, ChecksAreLeftOutWhereAValueIsMissing) {
  EXPECT_EQ(faults("training:\n  nesterov: true\n  learning_rate: 200\n"),
            "r.yaml:3:18: 'training.learning_rate' must be a number in 1e-08..100, got '200'\n"
            "      learning_rate: 200\n"
            "                     ^\n"
            "1 error");
}

TEST_F(ConfigFaults, AnUnsetMemberIsRequired) {
  struct Needs : Options {
    Choice loss;
    void visit(OptionVisitor& v) override { v.member("loss", loss, test::example_family(), "must be named"); }
  } needs;
  EXPECT_EQ(test::error_of(ErrorCode::kConfig,
                           [&] {
                             read_config({"", {}}, needs);
                           }),
            "'loss' is required: one of arcface, cross_entropy, none\n1 error");
  EXPECT_EQ(first_line(test::error_of(ErrorCode::kConfig,
                                      [&] {
                                        read_config({"", {"loss.margin=1"}}, needs);
                                      })),
            "command line: 'loss' must name its loss (name: one of arcface, cross_entropy, none), got a map");
}

TEST_F(ConfigFaults, ManyFaultsAreCountedButNotAllShown) {
  std::string yaml;
  for (int i = 0; i < 80; ++i) yaml += "key" + std::to_string(i) + ": 1\n";
  const std::string message = faults(yaml);
  EXPECT_NE(message.find("r.yaml:50:1:"), std::string::npos);
  EXPECT_EQ(message.find("r.yaml:51:1:"), std::string::npos);
  EXPECT_EQ(message.substr(message.size() - 13), "...\n80 errors");
}

TEST_F(ConfigFaults, NoControlCharactersReachTheTerminal) {
  EXPECT_EQ(faults("\"a\\e[31m\\nb\": 1\n"),
            "r.yaml:1:1: unknown key 'a [31m b'; known: extends, recipe, name, train, where, archives, training, loss\n"
            "    \"a\\e[31m\\nb\": 1\n"
            "    ^\n"
            "1 error");
  EXPECT_EQ(first_line(faults("training: {epochs: \"\\0\\0\"}\n")),
            "r.yaml:1:20: 'training.epochs' must be a whole number in 1..10000, got the text '  '");
}

TEST_F(ConfigFaults, HugeScalarsAndAliasBombsAreBounded) {
  EXPECT_LT(faults("training: {epochs: " + std::string(100000, '9') + "}\n").size(), 300u);
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last;
    for (int k = 0; k < 9; ++k) bomb += ", " + last;
    bomb += "]\n";
  }
  EXPECT_NE(faults(bomb).find("at most a million values are allowed"), std::string::npos);
}

}  // namespace
}  // namespace winnow
