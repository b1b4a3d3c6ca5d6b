#include "src/training/trainer.h"

#include <gtest/gtest.h>

#include <fstream>

#include "losses/pair_loss.h"
#include "losses/seccnn.h"
#include "src/core/json.h"
#include "src/training/embedder.h"
#include "tests/support/expect_error.h"
#include "tests/unit/src/training/training_support.h"

namespace winnow {
namespace {

using test::TinyData;

ExperimentConfig config() { return test::tiny_config(TinyData::get().train, TinyData::get().val); }

TEST(Trainer, LearnsAndWritesTheRunFolder) {
  const test::TempDir dir;
  auto c = config();
  c.training.epochs = 5;
  const TrainResult result = test::train_into(c, dir / "run");
  ASSERT_EQ(result.epochs.size(), 5u);
  EXPECT_LT(result.epochs.back().loss, 0.7 * result.epochs.front().loss);
  EXPECT_GT(result.last.at("recall@1"), 0.9);
  EXPECT_GE(result.last.at("map@r"), result.epochs.front().validation.at("map@r"));
  EXPECT_GT(result.epochs.back().embedding_rank, 1.0);
  EXPECT_GT(result.images_per_second, 0);
  EXPECT_GE(result.best_epoch, 1);
  for (const char* file : {"config.yaml", "metrics.jsonl", "provenance.json", "model/card.json",
                           "model/model.safetensors", "checkpoints/last/state.json", "checkpoints/best/state.json"})
    EXPECT_TRUE(fs::exists(dir / "run" / file)) << file;
  const auto lines = test::read_lines(dir / "run/metrics.jsonl");
  ASSERT_EQ(lines.size(), 6u);
  EXPECT_EQ(lines[0].at("type"), "start");
  EXPECT_EQ(lines[0].at("images"), 64);
  EXPECT_EQ(lines[5].at("epoch"), 5);
  EXPECT_EQ(lines[5].at("step"), 20);
  EXPECT_EQ(lines[5].at("validation").at("recall@1"), result.last.at("recall@1"));
  const auto provenance = read_json(dir / "run/provenance.json");
  EXPECT_EQ(provenance["sessions"][0]["status"], "ok");
  EXPECT_EQ(provenance["seed"], 1);
}

TEST(Trainer, SavedModelGivesTheValidatedScore) {
  const test::TempDir dir;
  auto c = config();
  const TrainResult result = test::train_into(c, dir / "run");
  const LoadedModel model = load_model(result.model_folder);
  EXPECT_EQ(model.model->preprocessing().size, 24);
  const std::map<std::string, double> metrics(model.card.metrics.begin(), model.card.metrics.end());
  EXPECT_EQ(metrics.at("val.recall@1"), result.best.at("recall@1"));
  EmbedOptions options;
  options.device = "cpu";
  const Dataset val = read_dataset({TinyData::get().val, {}, "", "label", "path", {}});
  EXPECT_EQ(embed_images(*model.model, val, options).size(), 24u * 16u);
}

TEST(Trainer, ValidatesClassPredictionsOfLinearAndCosineHeads) {
  const test::TempDir dir;
  for (const char* loss : {"cross_entropy", "normalized_softmax"}) {
    auto c = config();
    c.losses = {test::choose(loss, loss_family())};
    c.training.validate = "both";
    c.training.epochs = 4;
    const auto result = test::train_into(c, dir / loss);
    ASSERT_EQ(result.last.count("accuracy"), 1u);
    EXPECT_GT(result.last.at("accuracy"), 0.4) << loss;  // four classes
    EXPECT_EQ(result.last.count("recall@1"), 1u);
    c.training.validate = c.training.select = "accuracy";
    const auto alone = test::train_into(c, dir / (std::string(loss) + "-alone"));
    EXPECT_EQ(alone.last.size(), 1u);
    EXPECT_EQ(alone.last.at("accuracy"), result.last.at("accuracy"));
  }
}

TEST(Trainer, SameSeedSameBitsOtherSeedOthers) {
  const test::TempDir dir;
  auto c = config();
  c.training.epochs = 1;
  const auto digest = [&](const char* name) {
    test::train_into(c, dir / name);
    return read_model_card(dir / name / "model").weights_digest;
  };
  const auto first = digest("a");
  EXPECT_EQ(first, digest("b"));
  c.training.seed = 2;
  EXPECT_NE(first, digest("c"));
}

TEST(Trainer, RefusesAFolderThatHoldsARun) {
  const test::TempDir dir;
  auto c = config();
  c.training.epochs = 1;
  test::train_into(c, dir / "run");
  const auto message = test::error_of(ErrorCode::kUsage, [&] { test::train_into(c, dir / "run"); });
  EXPECT_NE(message.find("--resume"), std::string::npos) << message;
}

TEST(Trainer, HugeLearningRateIsANumericErrorWithRows) {
  const test::TempDir dir;
  auto c = config();
  c.training.learning_rate = 1e30;
  c.training.schedule = "constant";
  const auto message = test::error_of(ErrorCode::kNumeric, [&] { test::train_into(c, dir / "run"); });
  EXPECT_NE(message.find("epoch 1, step "), std::string::npos) << message;
  EXPECT_NE(message.find("manifest rows"), std::string::npos) << message;
  const auto session = read_json(dir / "run/provenance.json")["sessions"][0];
  EXPECT_EQ(session["status"], "numeric");
  EXPECT_EQ(session["exit_code"], 4);
}

TEST(Trainer, CollapsedEmbeddingsStopWithADiagnosis) {
  const test::TempDir dir;
  auto c = config();
  c.training.learning_rate = 0;
  c.training.epochs = 7;
  c.training.validate_every = 0;
  // No embedding of 64 pictures has a mean distance above 1.9, so every step counts as collapsed.
  c.training.collapse_distance = 1.9;
  const auto message = test::error_of(ErrorCode::kNumeric, [&] { test::train_into(c, dir / "run"); });
  EXPECT_NE(message.find("epoch 6, step 24: the embeddings have collapsed"), std::string::npos) << message;
}

TEST(Trainer, EarlyStopKeepsTheBestModel) {
  const test::TempDir dir;
  auto c = config();
  c.training.epochs = 9;
  c.training.early_stop = 2;
  c.training.learning_rate = 0;  // only the batch-norm statistics move, and they settle
  c.training.select = "recall@1";
  const TrainResult result = test::train_into(c, dir / "run");
  EXPECT_LT(result.epochs.size(), 9u);
  EXPECT_EQ(static_cast<int64_t>(result.epochs.size()), result.best_epoch + 2);
  EXPECT_EQ(result.best, result.epochs[static_cast<size_t>(result.best_epoch - 1)].validation);
}

TEST(Trainer, ValidatesEveryNEpochsAndAtTheEnd) {
  const test::TempDir dir;
  auto c = config();
  c.training.epochs = 5;
  c.training.validate_every = 2;
  const TrainResult result = test::train_into(c, dir / "run");
  for (const auto& epoch : result.epochs) EXPECT_EQ(epoch.validation.empty(), epoch.epoch == 1 || epoch.epoch == 3);
}

TEST(Trainer, UnseenClassesAreScoredLeaveOneOut) {
  const test::TempDir dir;
  auto c = test::tiny_config(TinyData::get().train, "");
  c.data.val_classes = 0.5;
  c.training.epochs = 1;
  const TrainResult result = test::train_into(c, dir / "run");
  EXPECT_EQ(test::read_lines(dir / "run/metrics.jsonl")[0].at("validation"), "leave one out");
  EXPECT_GT(result.last.at("recall@1"), 0.3);
}

TEST(Trainer, GivesTheAverageNetworkToALossThatAsksForIt) {
  const test::TempDir dir;
  auto c = config();
  c.training.epochs = 2;
  c.training.ema_decay = 0.5;
  c.losses = {test::choose("contrastive", loss_family())};
  c.sampler = test::choose("pk", sampler_family());
  const auto all = test::train_into(c, dir / "all");
  dynamic_cast<PairOptions&>(*c.losses[0].options).hidden_positive = 0.3;
  const auto without = test::train_into(c, dir / "without");
  EXPECT_NE(all.epochs[0].loss, without.epochs[0].loss);
  c.training.ema_decay = 0;
  const auto message = test::error_of(ErrorCode::kConfig, [&] { test::train_into(c, dir / "none"); });
  EXPECT_NE(message.find("weight EMA"), std::string::npos) << message;
}

TEST(Trainer, EmaWeightsAreValidatedAndSaved) {
  const test::TempDir dir;
  auto c = config();
  c.training.ema_decay = 0.5;
  c.training.epochs = 4;
  const TrainResult averaged = test::train_into(c, dir / "a");
  c.training.ema_decay = 0;
  test::train_into(c, dir / "b");
  EXPECT_NE(read_model_card(dir / "a/model").weights_digest, read_model_card(dir / "b/model").weights_digest);
  EXPECT_EQ(test::timeless_epochs(dir / "a")[0].at("loss"), test::timeless_epochs(dir / "b")[0].at("loss"));
  EXPECT_GT(averaged.last.at("recall@1"), 0.6);
}

TEST(Trainer, Bf16StaysNearFp32) {
  const test::TempDir dir;
  auto c = config();
  c.training.epochs = 1;
  c.training.validate_every = 0;
  const double full = test::train_into(c, dir / "fp32").epochs[0].loss;
  c.training.precision = "bf16";
  const double half = test::train_into(c, dir / "bf16").epochs[0].loss;
  EXPECT_EQ(test::read_lines(dir / "bf16/metrics.jsonl")[0].at("precision"), "bf16");
  EXPECT_NE(half, full);
  EXPECT_NEAR(half, full, 0.1 * full);
}

TEST(Trainer, SeccnnWithContrastiveOnPkBatchesRuns) {
  const test::TempDir dir;
  auto c = config();
  c.sampler = test::choose("pk", sampler_family());
  c.losses = {test::choose("normalized_softmax", loss_family()), test::choose("contrastive", loss_family())};
  c.losses[1].weight = 0.5;
  c.targets = test::choose("seccnn", policy_family());
  c.training.epochs = 3;
  c.training.clip_norm = 5;
  const TrainResult result = test::train_into(c, dir / "run");
  const auto& log = result.epochs.back().log;
  for (const char* name : {"normalized_softmax.loss", "contrastive.loss", "trust_in_given", "gradient_norm"})
    EXPECT_TRUE(log.contains(name)) << name;
  EXPECT_LT(log.at("trust_in_given"), 1.0);
}

TEST(Trainer, MemorisedShareIsCountedAgainstTheTruth) {
  const test::TempDir dir;
  const fs::path csv = TinyData::get().train / "noisy.csv";
  std::ofstream out(csv);
  out << "path,label,true_label\n";
  for (int label = 0; label < 4; ++label)
    for (int i = 0; i < 16; ++i) {
      const int given = i < 4 ? (label + 1) % 4 : label;
      out << "class" << label << "/" << 100 + i << ".png,c" << given << ",c" << label << "\n";
    }
  out.close();
  auto c = test::tiny_config(csv, "");
  c.training.epochs = 3;
  c.targets = test::choose("seccnn", policy_family());
  const TrainResult result = test::train_into(c, dir / "run");
  fs::remove(csv);
  const auto& log = result.epochs.back().log;
  for (const char* name : {"memorised", "clean_kept", "wrong_fixed"}) {
    ASSERT_TRUE(log.contains(name)) << name;
    EXPECT_GE(log.at(name), 0.0);
    EXPECT_LE(log.at(name), 1.0);
  }
  // The class shows in the colour: a network three epochs old predicts it, not the wrong label.
  EXPECT_LT(log.at("memorised"), 0.5);
  EXPECT_GT(log.at("clean_kept"), 0.5);
}

TEST(Trainer, BatchesLargerThanTheSetAreExplained) {
  const test::TempDir dir;
  auto c = config();
  c.sampler = test::choose("pk", sampler_family());
  c.training.batch = 64;
  test::error_of(ErrorCode::kConfig, [&] { test::train_into(c, dir / "run"); });
}

}  // namespace
}  // namespace winnow
