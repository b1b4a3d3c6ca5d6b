#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "src/report/chart_axis.h"

namespace winnow {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

std::vector<std::string> labels(const Axis& axis) {
  std::vector<std::string> out;
  for (const double t : axis.ticks) out.push_back(axis.label(t));
  return out;
}

TEST(Axis, LinearTicksAreRoundAndEnclose) {
  EXPECT_THAT(labels(linear_axis(0.03, 0.97, 5)), ElementsAre("0", "0.2", "0.4", "0.6", "0.8", "1"));
  EXPECT_THAT(labels(linear_axis(-0.3, 0.3, 6)), ElementsAre("-0.3", "-0.2", "-0.1", "0", "0.1", "0.2", "0.3"));
  EXPECT_THAT(labels(linear_axis(0, 24'000, 4)), ElementsAre("0", "10k", "20k", "30k"));
  EXPECT_THAT(labels(linear_axis(1e-5, 1e-3, 5)), ElementsAre("0", "0.0002", "0.0004", "0.0006", "0.0008", "0.001"));
  for (const auto& [low, high] : {std::pair{3.0, 3.0}, {0.0, 0.0}, {-7.0, -7.0}}) {
    const Axis axis = linear_axis(low, high, 5);
    EXPECT_LT(axis.low, low);
    EXPECT_GT(axis.high, high);
  }
}

TEST(Axis, LogTicks) {
  EXPECT_THAT(labels(log_axis(1, 100)), ElementsAre("1", "2", "5", "10", "20", "50", "100"));
  EXPECT_THAT(labels(log_axis(1, 1e6)), ElementsAre("1", "10", "100", "1000", "10k", "100k", "1M"));
  EXPECT_THAT(log_axis(1, 100).share(10), DoubleNear(0.5, 1e-12));
}

TEST(LineChart, GapsWhereAValueIsMissing) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::string svg = line_chart({{"s", {{0, 0}, {1, 1}, {2, nan}, {3, 1}, {4, 0}}, {}}}, {.title = "t"});
  const size_t begin = svg.find("class=\"line\" d=\"") + 16;
  const std::string path = svg.substr(begin, svg.find('"', begin) - begin);
  EXPECT_EQ(std::count(path.begin(), path.end(), 'M'), 2);
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
}

TEST(LineChart, PutsPointsWhereTheyBelong) {
  const std::string svg = line_chart({{"s", {{0, 0}, {10, 1}}, {}}}, {.title = "t", .y_min = 0, .y_max = 1});
  EXPECT_THAT(svg, HasSubstr("d=\"M52.0,222.0L428.0,26.0\""));
  EXPECT_THAT(svg, HasSubstr("s: 1 at"));
}

TEST(LineChart, NamesSeriesAndTellsThemApartWithoutColour) {
  const std::string svg = line_chart({{"a<", {{0, 1}, {1, 2}}, {}}, {"b", {{0, 2}, {1, 3}}, {{1, 3}, {2, 4}}}},
                                     {.title = "t", .y_label = "y"});
  EXPECT_THAT(svg, HasSubstr("a&lt;</li>"));
  EXPECT_THAT(svg, HasSubstr("stroke:var(--s1)\""));
  EXPECT_THAT(svg, HasSubstr("stroke:var(--s2);stroke-dasharray:7 3\""));
  EXPECT_THAT(svg, HasSubstr("class=\"band\""));
}

TEST(LineChart, SaysWhenThereIsNothing) {
  EXPECT_THAT(line_chart({}, {.title = "t"}), HasSubstr("Nothing was measured"));
  EXPECT_THAT(histogram_chart({0, 0}, {0, 0}, -1, 1, {.title = "t"}), HasSubstr("Nothing was measured"));
}

TEST(HistogramChart, ShowsSharesOfEachSideOverTheFilledBins) {
  // Bins of 0.5 over [-1, 1]; the first is empty on both sides. The heights are 1 of 4 and 3 of 4 of the relevant
  // pairs.
  const std::string svg = histogram_chart({0, 0, 1, 3}, {0, 50, 50, 0}, -1, 1, {.title = "t", .x_label = "cosine"});
  EXPECT_THAT(svg, HasSubstr(">-0.5<"));
  EXPECT_THAT(svg, Not(HasSubstr(">-1<")));
  EXPECT_THAT(svg, HasSubstr(">0.8<"));
  EXPECT_THAT(svg, HasSubstr("relevant pairs"));
}

}  // namespace
}  // namespace winnow
