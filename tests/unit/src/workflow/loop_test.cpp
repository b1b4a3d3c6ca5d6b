#include "src/workflow/loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "src/core/csv.h"
#include "src/core/interrupt.h"
#include "src/workflow/noise_apply.h"
#include "src/workflow/noise_inject.h"
#include "tests/support/expect_error.h"
#include "tests/unit/src/training/training_support.h"

namespace winnow {
namespace {

using test::error_of;
using ::testing::HasSubstr;

/// Five classes whose pictures are easy to tell apart, a third of the training labels wrong, two label splits.
class LoopData {
 public:
  static const LoopData& get() {
    static const LoopData data;
    return data;
  }

 private:
  LoopData() : noisy(folder_ / "noisy.csv"), held_out(folder_ / "held-out") {
    test::make_tiny_pictures(folder_ / "train", 5, 24, 3);
    test::make_tiny_pictures(held_out, 5, 8, 4);
    InjectRequest inject;
    inject.source.data = (folder_ / "train").string();
    inject.options.rate = 0.3;
    inject.out = noisy.string();
    inject_dataset(inject);
  }
  test::TempDir folder_;

 public:
  const fs::path noisy, held_out;
};

LoopRequest request(const fs::path& out, std::vector<std::string> more = {}) {
  const auto& data = LoopData::get();
  LoopRequest r;
  r.recipe.overrides = {"data.train=" + data.noisy.string(),
                        "data.size=24",
                        "data.crop_ratio=1",
                        "data.max_bad=0",
                        "model.backbone=small_cnn",
                        "model.dim=16",
                        "augment.scale_min=0.8",
                        "augment.brightness=0.1",
                        "augment.contrast=0.1",
                        "augment.saturation=0.1",
                        "training.epochs=6",
                        "training.batch=16",
                        "training.learning_rate=0.003",
                        "training.precision=fp32",
                        "training.device=cpu"};
  r.recipe.overrides.insert(r.recipe.overrides.end(), more.begin(), more.end());
  r.queries.data = data.held_out.string();
  r.key = "true_label";
  r.out = out;
  r.command = {"winnow", "loop", "tiny"};
  return r;
}

/// One unbroken loop that the tests share.
class WholeLoop {
 public:
  static const WholeLoop& get() {
    static const WholeLoop loop;
    return loop;
  }

 private:
  WholeLoop() : given(read_file(LoopData::get().noisy)), out(folder_ / "loop"), outcome(run_loop(request(out))) {}
  test::TempDir folder_;

 public:
  const std::string given;
  const fs::path out;
  const LoopOutcome outcome;
};

TEST(Loop, MakesLabelsCleanerAndSaysWhatItGained) {
  const auto& steps = WholeLoop::get().outcome.steps;
  ASSERT_EQ(steps.size(), 3u);
  EXPECT_NEAR(steps[0].truth->wrong, 0.3, 1e-9);
  EXPECT_EQ(steps[1].truth->wrong, steps[0].truth->wrong);
  EXPECT_LT(steps[2].truth->wrong, 0.15);
  EXPECT_EQ(steps[2].rows + steps[2].dropped, steps[0].rows);
  EXPECT_GT(steps[2].relabelled + steps[2].dropped, 20);
  EXPECT_NEAR(steps[2].gain.at("recall@1").difference,
              steps[2].metrics.at("recall@1") - steps[0].metrics.at("recall@1"), 1e-9);
  const std::string html = read_file(WholeLoop::get().outcome.report);
  EXPECT_THAT(html, HasSubstr("Winner: "));
  EXPECT_EQ(loop_document(WholeLoop::get().outcome).at("steps").size(), 3u);
}

TEST(Loop, NeverEditsTheManifestAndRevertsByteForByte) {
  const auto& loop = WholeLoop::get();
  EXPECT_EQ(read_file(LoopData::get().noisy), loop.given);
  const test::TempDir folder;
  const fs::path back = folder / "back.csv";
  revert_manifest(loop.out / "round-1/repaired.csv", 1, back);
  EXPECT_EQ(read_file(back), loop.given);
}

TEST(Loop, ASecondCallDoesNothingAgainAndOtherSettingsAreRefused) {
  const auto& loop = WholeLoop::get();
  const fs::path done = loop.out / "round-1/retrained/step.json";
  const auto before = fs::last_write_time(done);
  EXPECT_EQ(run_loop(request(loop.out)).steps[2].metrics, loop.outcome.steps[2].metrics);
  EXPECT_EQ(fs::last_write_time(done), before);
  LoopRequest other = request(loop.out);
  other.thresholds.accept = 0.9;
  EXPECT_THAT(error_of(ErrorCode::kUsage, [&] { run_loop(other); }), HasSubstr("other settings"));
}

TEST(Loop, GoesOnInsideAStoppedTrainingAndEndsWithTheSameFigures) {
  const test::TempDir folder;
  const fs::path out = folder / "loop";
  std::atomic<bool> stop{false};
  // Stops in the second training, once its first checkpoint is there.
  std::thread watcher([&] {
    while (!stop && !fs::exists(out / "round-1/robust/checkpoints/last"))
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    set_interrupted(!stop);
  });
  const std::string message = error_of(ErrorCode::kInterrupted, [&] { run_loop(request(out)); });
  stop = true;
  watcher.join();
  set_interrupted(false);
  EXPECT_THAT(message, HasSubstr("Go on with: winnow loop tiny"));
  EXPECT_FALSE(fs::exists(out / "round-1/robust/step.json"));
  const auto resumed = run_loop(request(out));
  ASSERT_EQ(resumed.steps.size(), 3u);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(resumed.steps[i].metrics, WholeLoop::get().outcome.steps[i].metrics) << i;
  EXPECT_EQ(read_file(out / "round-1/decisions.csv"), read_file(WholeLoop::get().out / "round-1/decisions.csv"));
}

TEST(Loop, PlansWithoutTraining) {
  const test::TempDir folder;
  LoopRequest r = request(folder / "loop");
  r.rounds = 2;
  const auto plan = plan_loop(r);
  ASSERT_EQ(plan.size(), 6u);
  // 7 steps of 16 an epoch, 6 epochs; the 120 given and the 40 held-out pictures are embedded.
  EXPECT_EQ(plan[0].passes, 7 * 16 * 6 + 120 + 40);
  EXPECT_FALSE(fs::exists(folder / "loop"));
}

TEST(Loop, RefusesBadInputBeforeItTrains) {
  const test::TempDir folder;
  const auto refused = [&](ErrorCode code, const std::function<void(LoopRequest&)>& change) {
    LoopRequest r = request(folder / "loop");
    change(r);
    return error_of(code, [&] { run_loop(r); });
  };
  EXPECT_THAT(refused(ErrorCode::kUsage, [](auto& r) { r.thresholds.accept = 1.5; }), HasSubstr("got 1.500"));
  EXPECT_THAT(refused(ErrorCode::kUsage, [](auto& r) { r.thresholds.accept = 0.4; }), HasSubstr("above 0.5"));
  EXPECT_THAT(refused(ErrorCode::kUsage, [](auto& r) { r.rounds = 0; }), HasSubstr("1 to 5 rounds"));
  EXPECT_THAT(refused(ErrorCode::kUsage, [](auto& r) { r.queries = {}; }), HasSubstr("held-out clean set"));
  EXPECT_THAT(refused(ErrorCode::kUsage, [](auto& r) { r.metrics = {"recal@1"}; }), HasSubstr("recal@1"));
  EXPECT_THAT(refused(ErrorCode::kData, [](auto& r) { r.key = "truth"; }), HasSubstr("'truth'"));
  const fs::path bare = folder / "bare.csv", one = folder / "one.csv";
  write_file_atomically(bare, "path\na.png\nb.png\n");
  write_file_atomically(one, "path,label\na.png,x\nb.png,x\n");
  const auto train_on = [](const fs::path& file) {
    return [file](LoopRequest& r) { r.recipe.overrides.push_back("data.train=" + file.string()); };
  };
  EXPECT_THAT(refused(ErrorCode::kData, train_on(bare)), HasSubstr("with a label are required"));
  EXPECT_THAT(refused(ErrorCode::kData, train_on(one)), HasSubstr("at least two classes"));
  EXPECT_FALSE(fs::exists(folder / "loop"));
}

/// A judgement about ten rows of class a and two of class b, most suspect first in row order.
std::unique_ptr<LoopJudgement> judgement(int64_t estimated) {
  auto j = std::make_unique<LoopJudgement>();
  auto source = std::make_unique<NoiseSource>();
  source->names = {"a", "b"};
  for (int64_t i = 0; i < 12; ++i) {
    source->labels.push_back(i < 10 ? 0 : 1);
    source->rows.rows.push_back(100 + i);
    source->rows.paths.push_back("p" + std::to_string(i));
    Suspect suspect;
    suspect.position = i;
    suspect.score = i < 8 ? 0.9f : 0.95f;
    suspect.suggested = 1;
    suspect.confidence = i == 0 ? 0.98f : 0.7f;
    j->suspects.push_back(suspect);
  }
  j->sources.push_back(std::move(source));
  j->estimate.suspects = estimated;
  return j;
}

std::vector<std::string> decisions(const LoopJudgement& j, const LoopThresholds& thresholds) {
  const test::TempDir folder;
  write_loop_decisions(folder / "d.csv", j, thresholds);
  std::vector<std::string> out;
  for (const auto& row : read_csv(folder / "d.csv").rows) out.push_back(row[2] + row[3]);
  return out;
}

TEST(LoopDecisions, TakesTheSureLeavesOutTheDoubtedAndKeepsFourOfAClass) {
  const auto all = decisions(*judgement(5), {});
  EXPECT_EQ(all[0], "relabelb");
  for (size_t i = 1; i < 6; ++i) EXPECT_EQ(all[i], "drop") << i;
  for (size_t i = 6; i < 12; ++i) EXPECT_EQ(all[i], "keep") << i;  // four of a are left; b never has more than four
}

TEST(LoopDecisions, ChangesNothingWithoutAnEstimateOrAboveTheThresholds) {
  for (const auto& decision : decisions(*judgement(0), {})) EXPECT_EQ(decision, "keep");
  const auto strict = decisions(*judgement(5), {1.0, 2.0, 4});
  for (const auto& decision : strict) EXPECT_EQ(decision, "keep");
}

}  // namespace
}  // namespace winnow
