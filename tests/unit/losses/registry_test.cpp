// The families, their tables in losses/README.md, and one file a member in configs/losses.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <set>

#include "losses/loss.h"
#include "losses/peers.h"
#include "src/config/family_text.h"
#include "src/config/reader.h"
#include "src/core/files.h"
#include "tests/unit/losses/loss_support.h"

namespace winnow::test {
namespace {

const fs::path kRoot = WINNOW_SOURCE_DIR;

std::vector<const Family*> families() { return {&loss_family(), &policy_family(), &trust_family()}; }

/// With those whose members need no file.
std::vector<const Family*> described_families() {
  auto out = families();
  out.push_back(&peer_family());
  return out;
}

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

TEST(LossFamilies, StartWithThePlainMembers) {
  const auto losses = loss_family().names();
  for (const auto* name : {"cross_entropy", "normalized_softmax", "arcface", "contrastive"})
    EXPECT_NE(std::find(losses.begin(), losses.end(), name), losses.end()) << name;
  EXPECT_EQ(policy_family().names().front(), "given");
  EXPECT_EQ(trust_family().names().front(), "none");
}

TEST(LossFamilies, SayWhatTheyAreAndWhatTheirOptionsDo) {
  for (const auto* family : described_families())
    for (const auto& name : family->names()) {
      EXPECT_GT(family->summary(name).size(), 10u) << name;
      for (const auto& line : {family->summary(name), family->formula(name), family->noise(name)}) {
        EXPECT_FALSE(line.empty()) << name;
        EXPECT_EQ(line.find('\n'), std::string::npos) << name << ": " << line;
      }
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

/// With WINNOW_UPDATE=1 in the environment the tests write what they would check.
bool updating() { return std::getenv("WINNOW_UPDATE") != nullptr; }

TEST(LossFamilies, ReadmeIsMadeFromTheRegister) {
  const auto file = kRoot / "losses" / "README.md";
  const auto found = read_file(file);
  auto expected = found;
  for (const auto* family : described_families()) {
    const auto begin = "<!-- winnow list " + family->title() + " -->\n", end = std::string("<!-- end -->");
    const auto from = expected.find(begin);
    ASSERT_NE(from, std::string::npos) << begin;
    const auto start = from + begin.size(), stop = expected.find(end, start);
    ASSERT_NE(stop, std::string::npos) << begin;
    expected.replace(start, stop - start, family_markdown(*family));
  }
  if (updating()) {
    AtomicFile out(file);
    out.write(expected);
    out.commit();
    return;
  }
  EXPECT_EQ(found, expected) << "run test_losses with WINNOW_UPDATE=1";
}

TEST(LossFamilies, EveryMemberHasAFileWithAllItsDefaults) {
  for (const auto* family : families())
    for (const auto& name : family->names()) {
      const auto file = kRoot / "configs" / "losses" / (name + ".yaml");
      Fragment read, expected;
      const auto section = section_of(*family);
      if (updating() && !fs::exists(file)) {
        AtomicFile out(file);
        out.write(member_yaml(*family, name, section));
        out.commit();
      }
      const auto origins = read_config({file, {}}, read);
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
