#include "src/serve/feedback.h"

#include <gtest/gtest.h>

#include "src/core/csv.h"
#include "src/core/error.h"
#include "src/labels/decisions.h"
#include "tests/support/temp_dir.h"

namespace winnow {
namespace {

TEST(Feedback, NoiseApplyReadsWhatIsWritten) {
  const test::TempDir folder;
  FeedbackFile file(folder / "decisions.csv");
  file.put({7, "a, b.jpg", "pear", "relabel", "apple \"red\"", 0.9, "photo\n.jpg", "r1"});
  file.put({3, "c.jpg", "kiwi", "keep", "", 0.8, "q", "r2"});
  file.put({3, "c.jpg", "kiwi", "drop", "", 0.8, "q", "r3"});
  const auto decisions = read_decisions(folder / "decisions.csv");
  ASSERT_EQ(decisions.size(), 2U);
  EXPECT_EQ(decisions[0].row, 3);
  EXPECT_EQ(decisions[0].verdict, Verdict::kDrop);
  EXPECT_EQ(decisions[1].row, 7);
  EXPECT_EQ(decisions[1].path, "a, b.jpg");
  EXPECT_EQ(decisions[1].verdict, Verdict::kRelabel);
  EXPECT_EQ(decisions[1].label, "apple \"red\"");
}

TEST(Feedback, GoesOnWithAFile) {
  const test::TempDir folder;
  {
    FeedbackFile file(folder / "d.csv");
    file.put({1, "a", "x", "keep", "", 0, "", ""});
  }
  FeedbackFile file(folder / "d.csv");
  file.put({2, "b", "x", "keep", "", 0, "", ""});
  EXPECT_EQ(file.size(), 2U);
  EXPECT_EQ(read_csv(folder / "d.csv").rows.size(), 2U);
}

TEST(Feedback, AnotherFileIsNotOverwritten) {
  const test::TempDir folder;
  write_file_atomically(folder / "labels.csv", "path,label\na,b\n");
  EXPECT_THROW(FeedbackFile(folder / "labels.csv"), Error);
  EXPECT_EQ(read_file(folder / "labels.csv"), "path,label\na,b\n");
}

TEST(Feedback, AFailedWriteKeepsNothing) {
  const test::TempDir folder;
  FeedbackFile file(folder / "gone" / "d.csv");
  EXPECT_THROW(file.put({1, "a", "x", "keep", "", 0, "", ""}), Error);
  EXPECT_EQ(file.size(), 0U);
}

}  // namespace
}  // namespace winnow
