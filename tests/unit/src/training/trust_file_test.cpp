#include "src/training/trust_file.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "src/core/csv.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_dir.h"

namespace winnow {
namespace {

TrainingData two_pictures() {
  TrainingData data;
  data.train.label_names = {"cat", "dog, small"};
  data.train.items.resize(2);
  data.train.items[0].row = 4;
  data.train.items[0].path = "a.png";
  data.train.items[0].label = 1;
  data.train.items[1].row = 9;
  data.train.items[1].path = "b.png";
  data.train.items[1].label = 0;
  return data;
}

TEST(TrustFile, HasManifestRowsAndAnEmptyScoreForUnseenPictures) {
  const test::TempDir folder;
  const auto file = folder.path() / "trust.csv";
  write_trust(file, two_pictures(), {at::tensor({0.25, 1.0}), at::tensor({-0.5, std::nan("")})});
  const Csv csv = read_csv(file);
  EXPECT_EQ(csv.header, (std::vector<std::string>{"row", "path", "label", "trust", "score"}));
  EXPECT_EQ(csv.rows.at(0), (std::vector<std::string>{"4", "a.png", "dog, small", "0.250000", "-0.500000"}));
  EXPECT_EQ(csv.rows.at(1), (std::vector<std::string>{"9", "b.png", "cat", "1.000000", ""}));
}

TEST(TrustFile, RefusesATableOfAnotherSize) {
  const test::TempDir folder;
  const auto message = test::error_of(ErrorCode::kShape, [&] {
    write_trust(folder.path() / "t.csv", two_pictures(), {at::ones({3}), at::ones({3})});
  });
  EXPECT_NE(message.find("2 rows, got 3"), std::string::npos) << message;
}

}  // namespace
}  // namespace winnow
