// The three families, their table in losses/README.md and one file each in configs/losses.
#include <gtest/gtest.h>

#include <set>

#include "losses/loss.h"
#include "src/config/reader.h"
#include "src/core/files.h"
#include "tests/unit/losses/loss_support.h"

namespace winnow::test {
namespace {

const fs::path kRoot = WINNOW_SOURCE_DIR;

std::vector<const Family*> families() { return {&loss_family(), &policy_family(), &trust_family()}; }

/// `loss:`, `targets:` and `trust:` of a recipe.
struct Fragment : Options {
  std::vector<Choice> loss{Choice{"normalized_softmax", loss_family().make_options("normalized_softmax")}};
  Choice targets{"given", policy_family().make_options("given")};
  Choice trust{"none", trust_family().make_options("none")};
  void visit(OptionVisitor& v) override {
    v.members("loss", loss, loss_family(), "losses");
    v.member("targets", targets, policy_family(), "policy");
    v.member("trust", trust, trust_family(), "estimator");
  }
};

std::string section_of(const Family& family) { return family.title(); }

TEST(LossFamilies, HaveTheirMembers) {
  EXPECT_EQ(loss_family().names(),
            (std::vector<std::string>{"cross_entropy", "normalized_softmax", "arcface", "contrastive"}));
  EXPECT_EQ(policy_family().names(), (std::vector<std::string>{"given", "seccnn"}));
  EXPECT_EQ(trust_family().names(), (std::vector<std::string>{"none"}));
}

TEST(LossFamilies, SayWhatTheyAreAndWhatTheirOptionsDo) {
  for (const auto* family : families())
    for (const auto& name : family->names()) {
      EXPECT_GT(family->summary(name).size(), 10u) << name;
      EXPECT_EQ(family->summary(name).find('\n'), std::string::npos) << name;
      const auto options = family->make_options(name);
      for (const auto& option : describe_options(*options))
        EXPECT_GT(option.help.size(), 10u) << name << "." << option.name;
    }
}

TEST(LossFamilies, AnUnknownNameIsAnsweredWithTheNearest) {
  try {
    loss_family().maker("arcfase");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kConfig);
    EXPECT_NE(std::string(error.what()).find("did you mean 'arcface'"), std::string::npos) << error.what();
  }
}

TEST(LossFamilies, ReadmeListsEveryMemberWithItsSummary) {
  const auto readme = read_file(kRoot / "losses" / "README.md");
  for (const auto* family : families())
    for (const auto& name : family->names()) {
      EXPECT_NE(readme.find("| `" + name + "` |"), std::string::npos) << name;
      EXPECT_NE(readme.find(family->summary(name)), std::string::npos) << name << " has another summary";
      const auto options = family->make_options(name);
      for (const auto& option : describe_options(*options))
        EXPECT_NE(readme.find("`" + option.name + "`"), std::string::npos) << name << "." << option.name;
    }
}

TEST(LossFamilies, EveryMemberHasAFileWithAllItsDefaults) {
  for (const auto* family : families())
    for (const auto& name : family->names()) {
      const auto file = kRoot / "configs" / "losses" / (name + ".yaml");
      Fragment read, expected;
      const auto origins = read_config({file, {}}, read);
      const auto section = section_of(*family);
      Choice own{name, family->make_options(name)};
      if (section == "loss") expected.loss = {own};
      if (section == "targets") expected.targets = own;
      if (section == "trust") expected.trust = own;
      EXPECT_EQ(config_differences(read, expected), std::vector<std::string>{}) << file;
      for (const auto& option : describe_options(*own.options)) {
        const auto found = origins.find(section + "." + option.name);
        ASSERT_NE(found, origins.end()) << file << ": " << option.name;
        EXPECT_NE(found->second, "default") << file << " does not set " << option.name;
      }
    }
}

TEST(LossFamilies, NoFileWithoutAMember) {
  std::set<std::string> known;
  for (const auto* family : families())
    for (const auto& name : family->names()) known.insert(name + ".yaml");
  for (const auto& entry : fs::directory_iterator(kRoot / "configs" / "losses")) {
    EXPECT_TRUE(known.count(entry.path().filename().string())) << entry.path();
  }
}

}  // namespace
}  // namespace winnow::test
