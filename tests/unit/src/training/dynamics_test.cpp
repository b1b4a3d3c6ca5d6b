#include "src/training/dynamics.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "src/core/csv.h"
#include "tests/unit/src/training/training_support.h"

namespace winnow {
namespace {

TrainingData three_pictures() {
  TrainingData data;
  data.train.label_names = {"cat", "dog", "owl"};
  data.train.items.resize(3);
  for (size_t i = 0; i < 3; ++i) {
    data.train.items[i].row = static_cast<int64_t>(10 + i);
    data.train.items[i].path = std::to_string(i) + ".png";
    data.train.items[i].label = static_cast<int64_t>(i % 2);
  }
  return data;
}

LossContext context_of(int64_t epochs) {
  LossContext out;
  out.classes = out.items = 3;
  out.dim = 2;
  out.steps_per_epoch = 2;
  out.total_steps = 2 * epochs;
  return out;
}

LossBatch batch_of(std::initializer_list<int64_t> rows) {
  LossBatch batch;
  batch.rows = at::tensor(at::ArrayRef<int64_t>(rows.begin(), rows.size()), at::kLong);
  return batch;
}

TEST(TrainingDynamics, WritesTheMovingAverageOfProbabilities) {
  const test::TempDir folder;
  TrainingDynamics dynamics(context_of(6));  // decay 1 - 3 / 6
  const auto log = [](std::vector<double> p) { return at::tensor(p, at::kFloat).log().view({-1, 3}); };
  dynamics.observe(batch_of({0, 1}), log({.2, .7, .1, .1, .8, .1}));
  dynamics.observe(batch_of({0}), log({.6, .1, .3}));
  dynamics.write(folder.path() / "dynamics.csv", three_pictures());
  const Csv csv = read_csv(folder.path() / "dynamics.csv");
  EXPECT_EQ(csv.header, (std::vector<std::string>{"row", "path", "label", "own", "other", "other_share", "squares"}));
  // (.4, .4, .2): squares .36
  EXPECT_EQ(csv.rows.at(0),
            (std::vector<std::string>{"10", "0.png", "cat", "0.400000", "dog", "0.400000", "0.360000"}));
  EXPECT_EQ(csv.rows.at(1),
            (std::vector<std::string>{"11", "1.png", "dog", "0.800000", "cat", "0.100000", "0.660000"}));
  EXPECT_EQ(csv.rows.at(2), (std::vector<std::string>{"12", "2.png", "cat", "", "", "", ""}));
}

TEST(TrainingDynamics, EveryRunWithClassScoresLeavesThem) {
  const auto& data = test::TinyData::get();
  auto config = test::tiny_config(data.train, data.val);
  const test::TempDir folder;
  test::train_into(config, folder.path() / "run");
  const Csv csv = read_csv(folder.path() / "run" / "dynamics.csv");
  ASSERT_EQ(csv.rows.size(), 64u);
  int seen = 0;
  for (const auto& row : csv.rows) {
    if (row[3].empty()) continue;
    ++seen;
    EXPECT_NE(row[2], row[4]) << "the other class";
    EXPECT_LE(std::stod(row[3]) + std::stod(row[5]), 1.00001);
  }
  EXPECT_GT(seen, 32);
}

}  // namespace
}  // namespace winnow
