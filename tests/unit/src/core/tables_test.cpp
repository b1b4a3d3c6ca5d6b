#include "src/core/tables.h"

#include <gtest/gtest.h>

#include <cmath>

namespace winnow {
namespace {

TEST(Table, AlignsNumbersRightAndTextLeft) {
  Table table({"loss", "recall@1", "paper"});
  table.add({"arcface", "0.363", "Deng 2019"});
  table.add({"caf\xC3\xA9", "12.5%", ""});
  EXPECT_EQ(table.text(),
            "loss     recall@1  paper\n"
            "arcface     0.363  Deng 2019\n"
            "caf\xC3\xA9        12.5%\n");
}

TEST(Table, RowsOfOtherWidths) {
  Table table({"a"});
  table.add({});
  table.add({"1", "beyond"});
  EXPECT_EQ(table.text(), "a\n\n1  beyond\n");
  EXPECT_EQ(Table({"only", "header"}).text(), "only  header\n");
}

TEST(FormatNumber, FixedDecimals) {
  EXPECT_EQ(format_number(0.3456, 3), "0.346");
  EXPECT_EQ(format_number(2, 0), "2");
  EXPECT_EQ(format_number(-0.0001, 2), "0.00");
  EXPECT_EQ(format_number(-1.5, 1), "-1.5");
  EXPECT_EQ(format_number(NAN, 2), "nan");
  EXPECT_EQ(format_number(-INFINITY, 2), "-inf");
  EXPECT_EQ(format_number(1e308, 100).size(), 309u + 1 + 100);
}

}  // namespace
}  // namespace winnow
