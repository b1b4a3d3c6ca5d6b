#include "losses/dividemix.h"

#include <gtest/gtest.h>

#include "src/core/interrupt.h"
#include "src/training/training_data.h"
#include "tests/support/expect_error.h"
#include "tests/unit/src/training/training_support.h"

namespace winnow {
namespace {

using test::TinyData;

DivideMixOptions& choose_dividemix(ExperimentConfig& config) {
  config.peers = test::choose("dividemix", peer_family());
  return dynamic_cast<DivideMixOptions&>(*config.peers.options);
}

TEST(DivideMixTraining, GoesOnBitForBitFromAnyStep) {
  const test::TempDir dir;
  auto c = test::tiny_config(TinyData::get().train, TinyData::get().val);
  choose_dividemix(c).ramp_epochs = 1;
  c.model.dropout = 0.2;
  c.training.ema_decay = 0.9;
  c.training.epochs = 3;
  test::train_into(c, dir / "unbroken");
  set_interrupted(true);
  // Four steps and a validation an epoch: stops in the warm-up, at its end and among blended pictures.
  for (int stop = 0; stop < 12; ++stop)
    test::error_of(ErrorCode::kInterrupted, [&] { test::train_into(c, dir / "broken", stop > 0); });
  set_interrupted(false);
  const auto result = test::train_into(c, dir / "broken", true);
  EXPECT_EQ(test::timeless_epochs(dir / "unbroken"), test::timeless_epochs(dir / "broken"));
  EXPECT_EQ(sha256_file(dir / "unbroken/checkpoints/last/state.safetensors"),
            sha256_file(dir / "broken/checkpoints/last/state.safetensors"));
  EXPECT_FALSE(result.epochs[0].log.contains("separation"));
  EXPECT_TRUE(result.epochs[1].log.contains("separation"));
  EXPECT_TRUE(fs::exists(dir / "broken/trust.csv"));
}

TEST(DivideMixTraining, ABatchHoldsTheViewsThatAreAskedFor) {
  auto c = test::tiny_config(TinyData::get().train, "");
  const auto data = load_training_data(c);
  EXPECT_EQ(views_per_picture(c), 1);
  EXPECT_EQ(make_sampler(c, data)->batches(0)[0].size(), 16u);
  auto& options = choose_dividemix(c);
  EXPECT_EQ(views_per_picture(c), 2);
  EXPECT_EQ(make_sampler(c, data)->batches(0)[0].size(), 32u);
  EXPECT_EQ(make_sampler(c, data)->batches_per_epoch(), 4);
  options.views = 1;
  EXPECT_EQ(make_sampler(c, data)->batches(0)[0].size(), 16u);
  const test::TempDir dir;
  EXPECT_EQ(test::train_into(c, dir / "run").epochs.size(), 2u);
}

TEST(DivideMixTraining, SaysWhatItCannotBeCombinedWith) {
  const auto faults_of = [](std::vector<std::string> words) {
    ExperimentConfig config;
    words.insert(words.end(), {"data.train=photos", "peers=dividemix"});
    return test::error_of(ErrorCode::kConfig, [&] { read_experiment({{}, words, nullptr}, config); });
  };
  const auto has = [](const std::string& text, const char* part) { return text.find(part) != std::string::npos; };
  EXPECT_TRUE(has(faults_of({"trust=mixture"}), "judges labels itself"));
  EXPECT_TRUE(has(faults_of({"targets={name: small_loss, rate: 0.2}"}), "judges labels itself"));
  EXPECT_TRUE(has(faults_of({"targets=seccnn"}), "both decide"));
  EXPECT_TRUE(has(faults_of({"training.mixup=0.5"}), "blends pictures itself"));
  EXPECT_TRUE(has(faults_of({"loss=[cross_entropy, contrastive]"}), "every loss must be a classification loss"));
  EXPECT_TRUE(has(faults_of({"loss=contrastive"}), "cross entropy"));
  ExperimentConfig config;
  read_experiment({{}, {"data.train=photos", "peers={name: dividemix, lambda_u: 10}"}, nullptr}, config);
  EXPECT_EQ(dynamic_cast<DivideMixOptions&>(*config.peers.options).lambda_u, 10);
}

}  // namespace
}  // namespace winnow
