#include "src/core/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/core/random.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_dir.h"

namespace winnow {
namespace {

using test::error_of;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(Csv, PlainRowsWithLineNumbers) {
  const Csv csv = parse_csv("path,label\na.jpg,cat\n\nb.jpg,dog", "m.csv");
  EXPECT_THAT(csv.header, ElementsAre("path", "label"));
  ASSERT_EQ(csv.rows.size(), 2u);
  EXPECT_THAT(csv.rows[1], ElementsAre("b.jpg", "dog"));
  EXPECT_THAT(csv.lines, ElementsAre(2, 4));
  EXPECT_EQ(csv.column("label"), 1);
  EXPECT_EQ(csv.column("Label"), -1);
}

TEST(Csv, QuotesHoldCommasQuotesAndLineBreaks) {
  const Csv csv = parse_csv("a,b\n\"x, y\",\"say \"\"hi\"\"\"\n\"two\nlines\",\"\"\nlast,5\"\n", "m.csv");
  ASSERT_EQ(csv.rows.size(), 3u);
  EXPECT_THAT(csv.rows[0], ElementsAre("x, y", "say \"hi\""));
  EXPECT_THAT(csv.rows[1], ElementsAre("two\nlines", ""));
  EXPECT_THAT(csv.rows[2], ElementsAre("last", "5\""));
  EXPECT_THAT(csv.lines, ElementsAre(2, 3, 5));
}

TEST(Csv, CrLfByteOrderMarkAndTrailingComma) {
  const Csv csv = parse_csv("\xEF\xBB\xBFpath,label\r\na,b\r\nc,\r\nd,", "m.csv");
  EXPECT_EQ(csv.header[0], "path");
  ASSERT_EQ(csv.rows.size(), 3u);
  EXPECT_THAT(csv.rows[0], ElementsAre("a", "b"));
  EXPECT_THAT(csv.rows[1], ElementsAre("c", ""));
  EXPECT_THAT(csv.rows[2], ElementsAre("d", ""));
}

TEST(Csv, ErrorsNameTheLine) {
  const auto fails = [](std::string_view text) {
    return error_of(ErrorCode::kData, [&] { parse_csv(text, "m.csv"); });
  };
  EXPECT_EQ(fails("a,b\n1,2\n1,2,3\n"), "m.csv:3: expected 2 fields, got 3");
  EXPECT_EQ(fails("a,b\n\"x\ny\",2\n1\n"), "m.csv:4: expected 2 fields, got 1");
  EXPECT_EQ(fails("a,b\n1,2\n3,\"open\nstill,open\n"), "m.csv:3: the quote that opens here is never closed");
  EXPECT_EQ(fails("a,b\n1,\"x\"y\n"), "m.csv:2: a comma or the end of the line is required after a closing quote");
  EXPECT_EQ(fails(""), "m.csv:1: a header line is required, the file is empty");
  EXPECT_EQ(fails("\xEF\xBB\xBF\r\n"), "m.csv:1: a header line is required, the file is empty");
  EXPECT_THAT(fails(std::string_view("a\nb\0c\n", 6)), HasSubstr("m.csv:2: text is required, got a NUL byte"));
}

TEST(Csv, RequiredColumnNamesTheNearest) {
  const Csv csv = parse_csv("path,lable,x,x\n", "m.csv");
  EXPECT_EQ(csv.require_column("path"), 0);
  EXPECT_EQ(error_of(ErrorCode::kData, [&] { csv.require_column("label"); }),
            "m.csv:1: a column 'label' is required (did you mean 'lable'?); columns: path, lable, x, x");
  EXPECT_EQ(error_of(ErrorCode::kData, [&] { csv.require_column("x"); }),
            "m.csv:1: one column 'x' is required, there are several");
}

TEST(Csv, ReadBoundsTheSize) {
  const test::TempDir dir;
  write_file_atomically(dir / "m.csv", "a\n1\n");
  EXPECT_EQ(read_csv(dir / "m.csv").rows.size(), 1u);
  error_of(ErrorCode::kData, [&] { read_csv(dir / "m.csv", 3); });
  error_of(ErrorCode::kNotFound, [&] { read_csv(dir / "none.csv"); });
}

TEST(Csv, FieldsAreQuotedOnlyWhenNeeded) {
  EXPECT_EQ(csv_line({"a b", "x,y", "\"", "\n", " s", ""}), "a b,\"x,y\",\"\"\"\",\"\n\",\" s\",\n");
  EXPECT_EQ(csv_line({""}), "\"\"\n");
  EXPECT_EQ(parse_csv(csv_line({"\xEF\xBB\xBFname"}), "m.csv").header[0], "\xEF\xBB\xBFname");
}

TEST(Csv, WrittenRowsReadBackEqual) {
  Random random(3, "csv");
  const std::string alphabet = "ab,\"\r\n ;\xC3\xA9";
  for (int repeat = 0; repeat < 200; ++repeat) {
    const size_t width = 1 + random.below(4);
    std::vector<std::vector<std::string>> rows(1 + random.below(5), std::vector<std::string>(width));
    std::string text = csv_line(std::vector<std::string>(width, "h"));
    for (auto& row : rows) {
      for (auto& field : row)
        for (uint64_t i = random.below(6); i > 0; --i) field += alphabet[random.below(alphabet.size())];
      text += csv_line(row);
    }
    ASSERT_EQ(parse_csv(text, "m.csv").rows, rows) << text;
  }
}

}  // namespace
}  // namespace winnow
