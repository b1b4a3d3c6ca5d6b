#include "tests/support/shared_data.h"

#include <cstdlib>
#include <map>

#include "data/check.h"
#include "tests/unit/data/support.h"

namespace winnow {
namespace {

using testing::HasSubstr;

Dataset described(const std::string& name, const std::vector<std::string>& where = {}) {
  ::setenv("WINNOW_SHARED", test::shared_folder().c_str(), 1);
  DataSource source;
  source.data = std::string(WINNOW_SOURCE_DIR) + "/configs/datasets/" + name + ".yaml";
  source.where = where;
  return read_dataset(source);
}

TEST(SharedData, EveryDescriptionGivesTheCountsOfItsReadme) {
  WINNOW_NEEDS_SHARED();
  struct Expected {
    size_t items;
    int64_t classes;
  };
  const std::map<std::string, Expected> expected = {{"grocery", {5502, 81}},        {"cifar10n", {60000, 10}},
                                                    {"clothing", {3781, 10}},       {"att_faces", {400, 40}},
                                                    {"omniglot", {4840, 242}},      {"mnist_reviewed", {10000, 10}},
                                                    {"grocery-noise40", {2640, 81}}};
  size_t files = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(WINNOW_SOURCE_DIR) / "configs/datasets")) {
    const std::string name = entry.path().stem().string();
    const Dataset d = described(name);
    EXPECT_EQ(d.name, name);
    ASSERT_TRUE(expected.contains(name)) << name << " has no expected counts";
    EXPECT_EQ(d.items.size(), expected.at(name).items) << name;
    EXPECT_EQ(d.classes(), expected.at(name).classes) << name;
    for (const auto& item : d.items) ASSERT_TRUE(d.store->contains(item.path)) << item.path;
    ++files;
  }
  EXPECT_EQ(files, expected.size());
}

TEST(SharedData, GroceryKeepsRowsAndColumnsOfASplit) {
  WINNOW_NEEDS_SHARED();
  const Dataset train = described("grocery", {"split=train"});
  ASSERT_EQ(train.items.size(), 2640u);
  const Item& first = train.items.front();
  EXPECT_EQ(first.path.substr(0, 6), "train/");
  EXPECT_EQ(first.split, "train");
  EXPECT_GE(first.row, 81);  // iconic and test rows come before
  EXPECT_EQ(first.columns.at(0).first, "fine_id");
  EXPECT_EQ(train.classes(), 81);
}

TEST(SharedData, AttFacesAllDecode) {
  WINNOW_NEEDS_SHARED();
  const DataCheck check = check_dataset(described("att_faces"));
  EXPECT_EQ(check.usable, 400);
  EXPECT_EQ(check.median_per_class, 10);
  EXPECT_EQ(check.duplicates_by_bytes, 0);
  EXPECT_EQ(check.min_width, 92);
  EXPECT_EQ(check.max_height, 112);
}

TEST(SharedData, CifarTestPicturesHaveNoNoisyLabel) {
  WINNOW_NEEDS_SHARED();
  const Dataset d = described("cifar10n");
  EXPECT_THAT(d.notes.at(0), HasSubstr("10000 of 60000 rows have no label in column 'random1'"));
}

}  // namespace
}  // namespace winnow
