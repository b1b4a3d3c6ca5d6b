#include "src/training/config.h"

#include <gtest/gtest.h>

#include <fstream>

#include "data/samplers.h"
#include "src/config/reader.h"
#include "tests/support/expect_error.h"
#include "tests/unit/src/training/training_support.h"

namespace winnow {
namespace {

bool mentions(const std::vector<std::string>& lines, const std::string& words) {
  for (const auto& line : lines)
    if (line.find(words) != std::string::npos) return true;
  return false;
}

TEST(ExperimentConfig, DefaultsAreNormalizedSoftmaxOnGivenLabels) {
  ExperimentConfig config;
  read_config({}, config);
  ASSERT_EQ(config.losses.size(), 1u);
  EXPECT_EQ(config.losses[0].name, "normalized_softmax");
  EXPECT_EQ(config.targets.name, "given");
  EXPECT_EQ(config.trust.name, "none");
  EXPECT_EQ(config.sampler.name, "plain");
  EXPECT_TRUE(config.check().empty());
}

TEST(ExperimentConfig, ReadsEverySectionAndWritesItBack) {
  const test::TempDir dir;
  std::ofstream(dir / "r.yaml") << "name: x\ndata: {train: pictures, where: split=train, archive: a.tar}\n"
                                   "model: {backbone: small_cnn}\nloss: arcface\ntargets: seccnn\n"
                                   "sampler: {name: pk, per_class: 8}\ntraining: {epochs: 3, optimizer: sgd}\n";
  ExperimentConfig config;
  read_config({dir / "r.yaml", {"training.batch=32"}}, config);
  EXPECT_EQ(config.data.train, (dir / "pictures").string());
  EXPECT_EQ(config.data.archives.at(0), (dir / "a.tar").string());
  EXPECT_EQ(config.data.where.at(0), "split=train");
  EXPECT_EQ(config.training.batch, 32);
  std::ofstream(dir / "again.yaml") << write_config(config);
  ExperimentConfig again;
  read_config({dir / "again.yaml", {}}, again);
  EXPECT_TRUE(config_differences(config, again).empty());
}

TEST(ExperimentConfig, PkNeedsAMatchingBatch) {
  ExperimentConfig config;
  config.sampler = test::choose("pk", sampler_family());
  config.training.batch = 63;
  EXPECT_TRUE(mentions(config.check(), "per_class = 4"));
  config.training.batch = 64;
  EXPECT_TRUE(config.check().empty());
  dynamic_cast<PkSamplerOptions&>(*config.sampler.options).classes = 8;
  EXPECT_TRUE(mentions(config.check(), "= 32, training.batch is 64"));
}

TEST(ExperimentConfig, RewritingLabelsNeedsAClassifier) {
  ExperimentConfig config;
  config.targets = test::choose("seccnn", policy_family());
  EXPECT_TRUE(config.check().empty());
  config.losses = {test::choose("contrastive", loss_family())};
  EXPECT_TRUE(mentions(config.check(), "needs a classification loss"));
  config.losses.push_back(test::choose("arcface", loss_family()));
  EXPECT_TRUE(config.check().empty());
}

TEST(ExperimentConfig, PairLossesOnPlainBatchesAreWarnedAbout) {
  ExperimentConfig config;
  config.losses = {test::choose("contrastive", loss_family())};
  EXPECT_TRUE(mentions(config_warnings(config), "sampler: pk"));
  config.sampler = test::choose("pk", sampler_family());
  EXPECT_TRUE(config_warnings(config).empty());
}

TEST(ExperimentConfig, CrossFieldFaultsAreFound) {
  ExperimentConfig config;
  config.training.early_stop = 3;
  EXPECT_TRUE(mentions(config.check(), "needs a validation set"));
  config.losses.clear();
  EXPECT_TRUE(mentions(config.check(), "at least one loss"));
  TrainingOptions t;
  t.schedule = "step";
  t.warmup_epochs = 10;
  t.nesterov = true;
  EXPECT_EQ(t.check().size(), 3u);
  t.step_epochs = {4, 2};
  EXPECT_TRUE(mentions(t.check(), "ascending"));
  DataOptions d;
  d.val = "v";
  d.val_classes = 0.2;
  EXPECT_TRUE(mentions(d.check(), "one of the two"));
}

TEST(ExperimentConfig, MisspeltKeysAreAnsweredWithTheNearest) {
  ExperimentConfig config;
  const auto message = test::error_of(ErrorCode::kConfig, [&] { read_config({{}, {"training.epocs=3"}}, config); });
  EXPECT_NE(message.find("epochs"), std::string::npos) << message;
}

TEST(ExperimentConfig, BuiltInRecipesLieUnderTheFileThatNamesThem) {
  const test::TempDir dir;
  write_file_atomically(dir / "a.yaml", "recipe: robust\ntrust: none\n");
  ExperimentConfig config;
  read_experiment({dir / "a.yaml", {}, nullptr}, config);
  EXPECT_EQ(config.trust.name, "none");
  ExperimentConfig other;
  write_file_atomically(dir / "b.yaml", "trust: none\n");
  const auto origins = read_experiment({dir / "b.yaml", {"recipe=robust"}, nullptr}, other);
  EXPECT_EQ(other.trust.name, "mixture");
  EXPECT_NE(origins.at("trust.name").find("recipe robust"), std::string::npos) << origins.at("trust.name");
}

TEST(ExperimentConfig, EveryBuiltInRecipeCanBeTrained) {
  ASSERT_GE(built_in_recipes().size(), 2u);
  for (const auto& [name, text] : built_in_recipes()) {
    ExperimentConfig config;
    read_experiment({{}, {"recipe=" + name, "data.train=photos"}, nullptr}, config);
    EXPECT_TRUE(config.trust.name != "none" || config.targets.name != "given") << name << " is plain training";
  }
}

TEST(ExperimentConfig, UnknownRecipeNamesTheNearest) {
  ExperimentConfig config;
  const auto message = test::error_of(ErrorCode::kConfig, [&] {
    read_experiment({{}, {"recipe=robsut"}, nullptr}, config);
  });
  EXPECT_NE(message.find("did you mean 'robust'"), std::string::npos) << message;
}

TEST(ExperimentConfig, PeersSayWhatTheyNeed) {
  const auto faults_of = [](std::vector<std::string> words) {
    ExperimentConfig config;
    words.push_back("data.train=photos");
    return test::error_of(ErrorCode::kConfig, [&] { read_experiment({{}, words, nullptr}, config); });
  };
  EXPECT_NE(faults_of({"peers=co_teaching"}).find("peers.rate"), std::string::npos);
  EXPECT_NE(faults_of({"peers={name: jocor, rate: 0.2}", "targets=seccnn"}).find("both decide"), std::string::npos);
  EXPECT_NE(faults_of({"peers={name: jocor, rate: 0.2}", "loss=contrastive"}).find("cross entropy"), std::string::npos);
  EXPECT_NE(faults_of({"training.mixup=0.5", "loss=contrastive"}).find("class labels"), std::string::npos);
  EXPECT_NE(faults_of({"training.mixup=0.5", "trust=mixture"}).find("ema_decay"), std::string::npos);
  ExperimentConfig config;
  read_experiment({{}, {"data.train=photos", "peers={name: jocor, rate: 0.2}"}, nullptr}, config);
  EXPECT_EQ(config.peers.name, "jocor");
}

}  // namespace
}  // namespace winnow
