#include "data/check.h"

#include <set>

#include "src/core/interrupt.h"
#include "src/core/parallel.h"
#include "tests/unit/data/support.h"

namespace winnow {
namespace {

using test::error_of;
using test::make_picture;
using test::png_of;
using test::TempDir;
using test::write_text;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

Dataset read(const fs::path& data) {
  DataSource source;
  source.data = data.string();
  return read_dataset(source);
}

TEST(CheckDataset, CountsClassesSizesAndDuplicates) {
  const TempDir dir;
  write_text(dir / "a/1.png", png_of(make_picture(30, 20, 1)));
  write_text(dir / "a/2.png", png_of(make_picture(10, 40, 2)));
  write_text(dir / "a/3.png", png_of(make_picture(10, 40, 2)));
  write_text(dir / "b/1.png", png_of(make_picture(30, 20, 1)));
  write_text(dir / "b/2.png", png_of(make_picture(25, 25, 3)));
  write_text(dir / "c/1.png", png_of(make_picture(25, 25, 4)));
  fs::create_directories(dir / "empty");
  const DataCheck check = check_dataset(read(dir.path()));
  EXPECT_EQ(check.rows, 6);
  EXPECT_EQ(check.usable, 6);
  EXPECT_EQ(check.classes, 3);
  EXPECT_EQ(check.singletons, 1);
  EXPECT_EQ(check.median_per_class, 2);
  EXPECT_EQ(check.largest_class, "a");
  EXPECT_EQ(check.largest_class_size, 3);
  EXPECT_EQ(check.min_width, 10);
  EXPECT_EQ(check.min_height, 20);
  EXPECT_EQ(check.max_width, 30);
  EXPECT_EQ(check.max_height, 40);
  EXPECT_EQ(check.duplicates_by_bytes, 2);
  EXPECT_THAT(check.same_bytes_two_labels, ElementsAre(Pair("a/1.png", "b/1.png")));
  EXPECT_THAT(check.empty_classes, ElementsAre("empty"));
  EXPECT_EQ(check.notes.size(), 1u);
}

TEST(CheckDataset, ExplainsEveryRejectedRow) {
  const TempDir dir;
  const std::string good = png_of(make_picture(30, 20, 1));
  std::string bomb = good;
  bomb.replace(16, 8, std::string("\x7f\xff\xff\xff\x7f\xff\xff\xff", 8));
  write_text(dir / "good.png", good);
  write_text(dir / "cut.png", good.substr(0, good.size() / 2));
  write_text(dir / "text.png", "this is no picture at all, only text with a wrong name");
  write_text(dir / "empty.png", "");
  write_text(dir / "bomb.png", bomb);
  fs::create_directories(dir / "folder.png");
  write_text(dir / "m.csv",
             "path,label,x1,y1,x2,y2\ngood.png,a,,,,\ncut.png,b,,,,\ntext.png,c,,,,\nempty.png,d,,,,\nbomb.png,e,,,,\n"
             "none.png,f,,,,\nfolder.png,g,,,,\ngood.png,,30,0,40,10\n");
  const DataCheck check = check_dataset(read(dir / "m.csv"));
  EXPECT_EQ(check.rows, 8);
  EXPECT_EQ(check.usable, 1);
  EXPECT_EQ(check.unlabelled, 1);
  EXPECT_EQ(check.classes, 1);
  EXPECT_THAT(check.empty_classes, ElementsAre("b", "c", "d", "e", "f", "g"));
  std::vector<std::string> kinds;
  std::vector<int64_t> rows;
  for (const auto& row : check.rejected) {
    kinds.push_back(row.kind);
    rows.push_back(row.row);
    EXPECT_FALSE(row.reason.empty());
    EXPECT_THAT(row.reason, testing::Not(HasSubstr(row.path + ": ")));
  }
  EXPECT_THAT(rows, ElementsAre(1, 2, 3, 4, 5, 6, 7));
  EXPECT_EQ(kinds[0], "corrupt");
  EXPECT_EQ(kinds[1], "unknown format");
  EXPECT_EQ(kinds[2], "empty");
  // Where the header is refused, by its size or its checksum, is the codec's choice.
  EXPECT_THAT(kinds[3], testing::AnyOf("too large", "unknown format"));
  EXPECT_EQ(kinds[4], "missing");
  EXPECT_EQ(kinds[5], "unreadable");
  EXPECT_EQ(kinds[6], "box");
}

TEST(CheckDataset, DoesNotDependOnTheThreadCount) {
  Dataset d = test::memory_dataset(40, 4);
  auto& files = std::static_pointer_cast<test::MemoryStore>(d.store)->files;
  files[7].second.resize(60);
  files[11].second = files[12].second;
  const int before = thread_count();
  std::vector<DataCheck> checks;
  for (const int threads : {1, 2, 4}) {
    set_thread_count(threads);
    checks.push_back(check_dataset(d));
  }
  set_thread_count(before);
  for (const auto& check : checks) {
    EXPECT_EQ(check.usable, 39);
    EXPECT_EQ(check.rejected.at(0).row, 107);
    EXPECT_EQ(check.duplicates_by_bytes, 1);
    EXPECT_THAT(check.same_bytes_two_labels, ElementsAre(Pair("11.png", "12.png")));
  }
}

TEST(CheckDataset, StopsWhenInterrupted) {
  const Dataset d = test::memory_dataset(4, 2);
  set_interrupted(true);
  error_of([&] { check_dataset(d); }, ErrorCode::kInterrupted);
  set_interrupted(false);
}

TEST(ClassDisjointSplit, KeepsClassesWhole) {
  Dataset d = test::memory_dataset(50, 10);
  d.items[3].label = -1;
  const auto side = class_disjoint_split(d, 0.3, 1);
  std::set<int64_t> held;
  for (size_t i = 0; i < side.size(); ++i)
    if (side[i] == 1) held.insert(d.items[i].label);
  EXPECT_EQ(held.size(), 3u);
  EXPECT_EQ(side[3], 0);
  for (size_t i = 0; i < side.size(); ++i) EXPECT_EQ(side[i], held.contains(d.items[i].label) ? 1 : 0);
  EXPECT_EQ(class_disjoint_split(d, 0.3, 1), side);
  EXPECT_NE(class_disjoint_split(d, 0.3, 2), side);
}

TEST(ClassDisjointSplit, LeavesAtLeastOneClassOnEachSide) {
  const Dataset d = test::memory_dataset(6, 2);
  for (const double share : {0.01, 0.99}) {
    const auto side = class_disjoint_split(d, share, 1);
    EXPECT_EQ(std::count(side.begin(), side.end(), 1), 3);
  }
  error_of([&] { class_disjoint_split(d, 1.0, 1); }, ErrorCode::kConfig);
  error_of([&] { class_disjoint_split(test::memory_dataset(3, 1), 0.5, 1); }, ErrorCode::kData);
}

}  // namespace
}  // namespace winnow
