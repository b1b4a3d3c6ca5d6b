#include "src/report/html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/core/error.h"
#include "src/report/table.h"
#include "src/report/text_format.h"
#include "tests/support/temp_dir.h"

namespace winnow {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(HtmlPage, EscapesEveryText) {
  HtmlPage page("a <b> & \"c\"");
  page.lead({"<script>1</script>"});
  page.cards({{"<l>", "<v>", "<n>"}});
  page.heading("<h>");
  page.paragraph("<p1>");
  page.table({"<th1>"}, {{"<td1>"}}, "<cap>");
  page.details("<sum>", "<pre1>");
  page.facts({{"<f>", "<g>"}});
  page.raw(contact_sheet({{"<t>", {{"data:image/png;base64,AA\"", "right", "<c>", "<alt>"}}}}));
  const std::string html = page.html();
  for (const char* raw : {"<script>1", "<l>", "<v>", "<n>", "<h>", "<p1>", "<th1>", "<td1>", "<cap>", "<sum>", "<pre1>",
                          "<f>", "<g>", "<t>", "<c>", "<alt>", "AA\"\""})
    EXPECT_THAT(html, Not(HasSubstr(raw)));
  EXPECT_THAT(html, HasSubstr("<title>a &lt;b&gt; &amp; &quot;c&quot;</title>"));
}

TEST(HtmlPage, BytesThatAreNotUtf8BecomeReplacementCharacters) {
  HtmlPage page("caf\xe9");
  EXPECT_THAT(page.html(), HasSubstr("<h1>caf\xEF\xBF\xBD</h1>"));
}

TEST(HtmlPage, NamesNoOtherPlace) {
  HtmlPage page("t");
  page.table({"a"}, {{"1"}}, "Numbers");
  page.raw(line_chart({{"s", {{0, 1}, {1, 2}}, {}}}, {.title = "c"}));
  const std::string html = page.html();
  EXPECT_THAT(html, Not(HasSubstr("http:")));
  EXPECT_THAT(html, Not(HasSubstr("https:")));
  EXPECT_THAT(html, Not(HasSubstr("url(")));
  EXPECT_THAT(html, HasSubstr("default-src 'none'"));
}

TEST(HtmlPage, ListsItsSectionsAfterTheFirstScreen) {
  HtmlPage page("t");
  page.lead({"first"});
  page.heading("Curves");
  page.heading("Errors");
  const std::string html = page.html();
  EXPECT_THAT(html, HasSubstr("<a href=\"#s2\">Errors</a>"));
  EXPECT_THAT(html, HasSubstr("<h2 id=\"s2\">Errors</h2>"));
  EXPECT_LT(html.find("first"), html.find("<nav"));
  EXPECT_LT(html.find("<nav"), html.find("<h2"));
}

TEST(HtmlPage, LongTablesShowTheirHeadAndKeepAllRowsInTheCsv) {
  HtmlPage page("t");
  page.table({"n"}, {{"1"}, {"2"}, {"3"}}, "My Table: all", 2);
  const std::string html = page.html();
  EXPECT_THAT(html, HasSubstr("<td class=\"n\">2</td>"));
  EXPECT_THAT(html, Not(HasSubstr("<td class=\"n\">3</td>")));
  EXPECT_THAT(html, HasSubstr("the first 2 of 3 rows"));
  EXPECT_THAT(html, HasSubstr("download=\"my-table-all.csv\""));
  EXPECT_THAT(html, HasSubstr("base64,bgoxCjIKMwo="));  // n, 1, 2, 3
}

TEST(HtmlPage, WritesAtomically) {
  const test::TempDir folder;
  HtmlPage page("t");
  page.write(folder / "r.html");
  EXPECT_EQ(read_file(folder / "r.html"), page.html());
  EXPECT_THROW(page.write(folder / "no-such-folder/r.html"), Error);
}

TEST(Table, AlignsColumnsOfNumbers) {
  const std::string html = table_markup(
      {"a", "b", "c", "d"}, {{"1.5", "IMG_1.jpg", "37.9 %", "0.4 (0.3 to 0.5)"}, {"\u22122", "2.jpg", "-", ""}}, "", 9);
  EXPECT_THAT(html,
              HasSubstr("<td class=\"n\">1.5</td><td>IMG_1.jpg</td><td class=\"n\">37.9 %</td><td class=\"n\">0.4 ("));
  EXPECT_THAT(html, HasSubstr("<td>2.jpg</td>"));
}

TEST(Table, CsvQuotesAndWritesPlainMinus) {
  EXPECT_EQ(table_csv({"a", "b"}, {{"x,y", "\u22120.5"}}), "a,b\n\"x,y\",-0.5\n");
}

TEST(ContactSheet, SignsGoWithColoursAndMissingPicturesAreSaid) {
  const std::string html = contact_sheet({{"row",
                                           {{"data:a", "query", "", "q"},
                                            {"data:b", "right", "0.9", "r"},
                                            {"", "wrong", "", "w"},
                                            {"data:d", "missed", "", "m"},
                                            {"data:e", "plain", "", "p"}}}});
  EXPECT_THAT(html, HasSubstr("<b>query</b>"));
  EXPECT_THAT(html, HasSubstr("<b>\u2713</b>"));
  EXPECT_THAT(html, HasSubstr("picture not found</span><b>\u2717</b>"));
  EXPECT_THAT(html, HasSubstr("<b>missed</b>"));
  EXPECT_THROW(contact_sheet({{"", {{"", "green", "", ""}}}}), Error);
}

TEST(TextFormat, Numbers) {
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(1234567), "1,234,567");
  EXPECT_EQ(format_count(-1234), "-1,234");
  EXPECT_EQ(format_percent(0.3794), "37.9 %");
  EXPECT_EQ(format_change(-0.0312, 3), "\u22120.031");
  EXPECT_EQ(format_change(0.0312, 3), "+0.031");
  EXPECT_EQ(format_short(1e-5), "1e-05");
  EXPECT_EQ(format_short(0.25), "0.25");
  EXPECT_EQ(format_quantity(1, "query", "queries"), "1 query");
  EXPECT_EQ(format_quantity(2000, "query", "queries"), "2,000 queries");
}

}  // namespace
}  // namespace winnow
