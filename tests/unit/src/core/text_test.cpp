#include "src/core/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace winnow {
namespace {

using test::error_of;
using testing::ElementsAre;

TEST(EditDistance, CountsEditsAndSwaps) {
  EXPECT_EQ(edit_distance("", ""), 0);
  EXPECT_EQ(edit_distance("", "abc"), 3);
  EXPECT_EQ(edit_distance("margin", "marign"), 1);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3);
  EXPECT_EQ(edit_distance("ca", "abc"), 3);  // optimal string alignment, not full Damerau
  EXPECT_EQ(edit_distance("epochs", "epoch"), 1);
}

TEST(NearestName, OnlyCloseOnes) {
  const std::vector<std::string> known = {"margin", "scale", "seccnn"};
  EXPECT_EQ(nearest_name("marign", known), "margin");
  EXPECT_EQ(nearest_name("SECCNN", known), "seccnn");
  EXPECT_EQ(nearest_name("skale", known), "scale");
  EXPECT_EQ(nearest_name("temperature", known), std::nullopt);
  EXPECT_EQ(nearest_name("", known), std::nullopt);
  EXPECT_EQ(nearest_name(std::string(100000, 'a'), known), std::nullopt);
}

TEST(Bytes, FormatAndParse) {
  EXPECT_EQ(format_bytes(0), "0 B");
  EXPECT_EQ(format_bytes(1023), "1023 B");
  EXPECT_EQ(format_bytes(1536), "1.5 KiB");
  EXPECT_EQ(format_bytes(3 << 19), "1.5 MiB");
  EXPECT_EQ(format_bytes((1 << 20) - 1), "1.0 MiB");
  EXPECT_EQ(format_bytes(UINT64_MAX), "16.0 EiB");
  EXPECT_EQ(parse_bytes("1000"), 1000u);
  EXPECT_EQ(parse_bytes("512M"), 512u << 20);
  EXPECT_EQ(parse_bytes("16G"), uint64_t{16} << 30);
  EXPECT_EQ(parse_bytes(" 1.5 GiB"), uint64_t{3} << 29);
  EXPECT_EQ(parse_bytes("2kb"), 2048u);
  for (const char* bad : {"", "G", "-1G", "1X", "1GiBs", "nan", "1e30", "1..5G"})
    error_of(ErrorCode::kUsage, [&] { parse_bytes(bad); });
}

TEST(Split, KeepsEmptyParts) {
  EXPECT_THAT(split("a,,b,", ','), ElementsAre("a", "", "b", ""));
  EXPECT_THAT(split("", ','), ElementsAre(""));
  EXPECT_EQ(join(split("a,,b,", ','), ","), "a,,b,");
  EXPECT_EQ(trim(" \t a b \r\n"), "a b");
  EXPECT_EQ(trim(" \n"), "");
  EXPECT_EQ(lower("ArcFACE \xC3\x84"), "arcface \xC3\x84");
}

TEST(ParseNumbers, WholeStringAndFiniteOnly) {
  EXPECT_EQ(parse_double("0.3"), 0.3);
  EXPECT_EQ(parse_double("+1e-3"), 1e-3);
  EXPECT_EQ(parse_double("-.5"), -0.5);
  for (const char* bad : {"", "1 ", " 1", "1x", "nan", "inf", "-inf", "1e999", "0x10", "1,5", "+-1", "+"})
    EXPECT_EQ(parse_double(bad), std::nullopt) << bad;
  EXPECT_EQ(parse_int("-12"), -12);
  EXPECT_EQ(parse_int("9223372036854775807"), INT64_MAX);
  for (const char* bad : {"", "1.0", "1e3", "9223372036854775808", "0x1", "--1", "1_000"})
    EXPECT_EQ(parse_int(bad), std::nullopt) << bad;
}

TEST(Utf8, ValidTextIsKept) {
  const std::string text = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x8C\xBE";
  EXPECT_TRUE(is_valid_utf8(text));
  EXPECT_EQ(to_valid_utf8(text), text);
  EXPECT_EQ(valid_utf8_prefix(text + "\xFF..."), text.size());
}

TEST(Utf8, InvalidPartsBecomeReplacementCharacters) {
  const std::string bad = "\xEF\xBF\xBD";
  EXPECT_EQ(to_valid_utf8("a\xFFz"), "a" + bad + "z");
  EXPECT_EQ(to_valid_utf8("\xC0\xAF"), bad + bad);                      // overlong
  EXPECT_EQ(to_valid_utf8("\xED\xA0\x80"), bad + bad + bad);            // surrogate
  EXPECT_EQ(to_valid_utf8("\xF4\x90\x80\x80"), bad + bad + bad + bad);  // beyond U+10FFFF
  EXPECT_EQ(to_valid_utf8("\xE2\x82"), bad);                            // cut off: one maximal part
  EXPECT_EQ(to_valid_utf8("\xE2\x82z"), bad + "z");
  for (const char* text : {"\xFF", "\xC0\xAF", "\xED\xA0\x80", "\xE2\x82", "\x80"}) EXPECT_FALSE(is_valid_utf8(text));
}

TEST(EscapeHtml, TextAndAttributes) {
  EXPECT_EQ(escape_html("<a href=\"x\">'&'</a>"), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
}

}  // namespace
}  // namespace winnow
