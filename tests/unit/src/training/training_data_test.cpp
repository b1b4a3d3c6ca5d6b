#include "src/training/training_data.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "tests/support/expect_error.h"
#include "tests/unit/src/training/training_support.h"

namespace winnow {
namespace {

using test::TinyData;

TEST(TrainingData, ValidationOfKnownClassesSearchesTheTrainingPictures) {
  const auto config = test::tiny_config(TinyData::get().train, TinyData::get().val);
  const TrainingData data = load_training_data(config);
  EXPECT_EQ(data.train.items.size(), 64u);
  EXPECT_EQ(data.val.items.size(), 24u);
  EXPECT_TRUE(data.val_has_train_classes);
  EXPECT_EQ(data.val.label_names, data.train.label_names);
  EXPECT_TRUE(data.truth.empty());
}

TEST(TrainingData, HeldOutClassesAreNumberedApart) {
  auto config = test::tiny_config(TinyData::get().train, "");
  config.data.val_classes = 0.5;
  const TrainingData data = load_training_data(config);
  EXPECT_EQ(data.train.classes(), 2);
  EXPECT_EQ(data.train.items.size(), 32u);
  EXPECT_EQ(data.val.items.size(), 32u);
  EXPECT_FALSE(data.val_has_train_classes);
  std::set<int64_t> labels;
  for (const auto& item : data.train.items) labels.insert(item.label);
  EXPECT_EQ(labels, (std::set<int64_t>{0, 1}));
}

TEST(TrainingData, TrueLabelsAreMappedOntoTheGivenOnes) {
  const fs::path csv = TinyData::get().train / "noisy.csv";
  std::ofstream(csv) << "path,label,true_label\nclass0/100.png,a,a\nclass0/101.png,a,b\nclass1/100.png,b,\n"
                        "class1/101.png,b,stranger\n";
  const TrainingData data = load_training_data(test::tiny_config(csv, ""));
  EXPECT_EQ(data.truth, (std::vector<int64_t>{0, 1, TrainingData::kUnknown, -1}));
  fs::remove(csv);
}

TEST(TrainingData, TooFewClassesAndMissingSettingsAreErrors) {
  const test::TempDir dir;
  test::make_tiny_pictures(dir.path(), 1, 3, 1);
  auto config = test::tiny_config(dir.path(), "");
  const auto message = test::error_of(ErrorCode::kData, [&] { load_training_data(config); });
  EXPECT_NE(message.find("at least two classes"), std::string::npos) << message;
  config.data.train.clear();
  test::error_of(ErrorCode::kConfig, [&] { load_training_data(config); });
}

TEST(TrainingData, ACpuRunLeavesItsCoresToTheNetwork) {
  DataOptions options;
  EXPECT_GE(make_loader_options(options, "cpu", true).threads, 1);
  EXPECT_EQ(make_loader_options(options, "cuda:0", true).threads, 0);
  options.decode_threads = 3;
  EXPECT_EQ(make_loader_options(options, "cpu", true).threads, 3);
}

}  // namespace
}  // namespace winnow
