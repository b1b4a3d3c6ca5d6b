#include <gtest/gtest.h>

#include "data/samplers.h"
#include "losses/contrastive.h"
#include "losses/seccnn.h"
#include "src/core/interrupt.h"
#include "src/core/json.h"
#include "tests/support/expect_error.h"
#include "tests/unit/src/training/training_support.h"

namespace winnow {
namespace {

using test::TinyData;

std::string weights_of(const fs::path& run) { return read_model_card(run / "model").weights_digest; }

/// Every part that has state: moments, EMA, bank, remembered predictions, dropout's random numbers.
ExperimentConfig stateful_config() {
  auto c = test::tiny_config(TinyData::get().train, TinyData::get().val);
  c.model.dropout = 0.2;
  c.losses = {test::choose("normalized_softmax", loss_family()), test::choose("contrastive", loss_family())};
  dynamic_cast<ContrastiveOptions&>(*c.losses[1].options).memory = 40;
  c.targets = test::choose("seccnn", policy_family());
  auto& seccnn = dynamic_cast<SeccnnOptions&>(*c.targets.options);
  seccnn.prediction = "ema";
  seccnn.schedule.half_life = 0.1;
  c.training.ema_decay = 0.9;
  c.training.epochs = 2;
  return c;
}

TEST(Resume, AfterAnEpochEqualsAnUnbrokenRun) {
  const test::TempDir dir;
  auto c = test::tiny_config(TinyData::get().train, TinyData::get().val);
  c.training.schedule = "constant";
  c.training.epochs = 3;
  test::train_into(c, dir / "unbroken");
  c.training.epochs = 1;
  test::train_into(c, dir / "broken");
  c.training.epochs = 3;
  test::train_into(c, dir / "broken", true);
  EXPECT_EQ(weights_of(dir / "unbroken"), weights_of(dir / "broken"));
  EXPECT_EQ(test::timeless_epochs(dir / "unbroken"), test::timeless_epochs(dir / "broken"));
}

TEST(Resume, AfterEveryStepEqualsAnUnbrokenRun) {
  const test::TempDir dir;
  auto c = stateful_config();
  test::train_into(c, dir / "unbroken");
  set_interrupted(true);
  // Stops after each of the four steps of the first epoch, then in its validation.
  for (int stop = 0; stop < 5; ++stop) {
    const auto message =
        test::error_of(ErrorCode::kInterrupted, [&] { test::train_into(c, dir / "broken", stop > 0); });
    const std::string place = "epoch 1 after step " + std::to_string(std::min(stop + 1, 4)) + " of 4";
    EXPECT_NE(message.find(place), std::string::npos) << message;
    EXPECT_NE(message.find("--resume"), std::string::npos) << message;
  }
  set_interrupted(false);
  EXPECT_EQ(read_json(dir / "broken/provenance.json")["sessions"][4]["exit_code"], 130);
  test::train_into(c, dir / "broken", true);
  EXPECT_EQ(weights_of(dir / "unbroken"), weights_of(dir / "broken"));
  EXPECT_EQ(test::timeless_epochs(dir / "unbroken"), test::timeless_epochs(dir / "broken"));
  EXPECT_EQ(sha256_file(dir / "unbroken/checkpoints/last/state.safetensors"),
            sha256_file(dir / "broken/checkpoints/last/state.safetensors"));
}

TEST(Resume, TwoNetworksWithMixedPicturesGoOnBitForBit) {
  const test::TempDir dir;
  auto c = test::tiny_config(TinyData::get().train, TinyData::get().val);
  c.peers = test::choose("jocor", peer_family());
  dynamic_cast<PeerOptions&>(*c.peers.options).rate = 0.25;
  c.trust = test::choose("mixture", trust_family());
  c.training.ema_decay = 0.9;
  c.training.mixup = c.training.cutmix = 1.0;
  test::train_into(c, dir / "unbroken");
  set_interrupted(true);
  test::error_of(ErrorCode::kInterrupted, [&] { test::train_into(c, dir / "broken"); });
  set_interrupted(false);
  test::train_into(c, dir / "broken", true);
  EXPECT_EQ(weights_of(dir / "unbroken"), weights_of(dir / "broken"));
  EXPECT_EQ(sha256_file(dir / "unbroken/checkpoints/last/state.safetensors"),
            sha256_file(dir / "broken/checkpoints/last/state.safetensors"));
}

TEST(Resume, ASamplerThatFollowsTrustGoesOnBitForBit) {
  const test::TempDir dir;
  auto c = test::tiny_config(TinyData::get().train, TinyData::get().val);
  c.trust = test::choose("o2u", trust_family());
  c.sampler = test::choose("plain", sampler_family());
  dynamic_cast<PlainSamplerOptions&>(*c.sampler.options).least_chance = 0.1;
  c.training.epochs = 3;
  test::train_into(c, dir / "unbroken");
  set_interrupted(true);
  for (int stop = 0; stop < 14; ++stop)  // four steps and a validation an epoch: stops within the third
    test::error_of(ErrorCode::kInterrupted, [&] { test::train_into(c, dir / "broken", stop > 0); });
  set_interrupted(false);
  test::train_into(c, dir / "broken", true);
  EXPECT_EQ(weights_of(dir / "unbroken"), weights_of(dir / "broken"));
  dynamic_cast<PlainSamplerOptions&>(*c.sampler.options).least_chance = 1;
  test::train_into(c, dir / "all");
  // The last epoch, not the best one: only the third follows the trust.
  EXPECT_NE(sha256_file(dir / "unbroken/checkpoints/last/state.safetensors"),
            sha256_file(dir / "all/checkpoints/last/state.safetensors"));
}

TEST(Resume, AFinishedRunOnlyAnswers) {
  const test::TempDir dir;
  auto c = test::tiny_config(TinyData::get().train, TinyData::get().val);
  c.training.epochs = 1;
  const auto first = test::train_into(c, dir / "run");
  const auto again = test::train_into(c, dir / "run", true);
  EXPECT_EQ(again.epochs.size(), 1u);
  EXPECT_EQ(again.best, first.best);
  EXPECT_EQ(again.epochs[0].seconds, first.epochs[0].seconds);
}

TEST(Resume, WithoutACheckpointStartsAnew) {
  const test::TempDir dir;
  auto c = test::tiny_config(TinyData::get().train, "");
  c.training.epochs = 1;
  EXPECT_EQ(test::train_into(c, dir / "run", true).epochs.size(), 1u);
}

TEST(Resume, ChangedPicturesAreAMismatch) {
  const test::TempDir dir;
  test::make_tiny_pictures(dir / "p", 3, 8, 1);
  auto c = test::tiny_config(dir / "p", "");
  c.training.epochs = 1;
  test::train_into(c, dir / "run");
  fs::remove(dir / "p/class0/100.png");
  c.training.epochs = 2;
  const auto message = test::error_of(ErrorCode::kMismatch, [&] { test::train_into(c, dir / "run", true); });
  EXPECT_NE(message.find("24 pictures"), std::string::npos) << message;
}

TEST(Resume, AnotherModelIsADataError) {
  const test::TempDir dir;
  auto c = test::tiny_config(TinyData::get().train, "");
  c.training.epochs = 1;
  test::train_into(c, dir / "run");
  c.training.epochs = 2;
  c.model.dim = 8;
  test::error_of(ErrorCode::kData, [&] { test::train_into(c, dir / "run", true); });
}

}  // namespace
}  // namespace winnow
