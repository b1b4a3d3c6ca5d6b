#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/core/error.h"
#include "src/evaluation/retrieval.h"

namespace winnow {
namespace {

using testing::HasSubstr;

TEST(MetricNames, EveryNameIsExplained) {
  const auto names = metric_names({1, 20});
  EXPECT_THAT(names, testing::ElementsAre("recall@1", "recall@20", "precision@1", "precision@20", "map@r",
                                          "r_precision", "ap.finite", "ap.trapezoid", "mrr"));
  for (const auto& name : names) EXPECT_THAT(explain_metric(name), testing::StartsWith(name + " = "));
  EXPECT_THAT(explain_metric("recall@20"), HasSubstr("K = 20"));
}

TEST(MetricNames, UnknownNameOffersTheNearest) {
  for (const char* name : {"recal@1", "recall@0", "recall@x", "map"}) {
    try {
      explain_metric(name);
      FAIL() << name;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), ErrorCode::kUsage);
      EXPECT_THAT(e.what(), HasSubstr(name));
    }
  }
  try {
    explain_metric("recal@1");
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), HasSubstr("did you mean 'recall@1'"));
  }
}

TEST(Requirement, ParsesAndHolds) {
  const auto at_least = parse_requirement(" recall@1 >= 0.5 ");
  EXPECT_EQ(at_least.metric, "recall@1");
  EXPECT_EQ(at_least.text(), "recall@1>=0.5");
  EXPECT_TRUE(at_least.holds(0.5));
  EXPECT_FALSE(at_least.holds(0.4999));
  EXPECT_FALSE(parse_requirement("x>0.5").holds(0.5));
  EXPECT_TRUE(parse_requirement("x<=0.5").holds(0.5));
  EXPECT_FALSE(parse_requirement("x<0.5").holds(0.5));
  EXPECT_TRUE(parse_requirement("x==1e-7").holds(1e-7));
  EXPECT_EQ(parse_requirement("x<1e-7").text(), "x<1e-07");
}

TEST(Requirement, RejectsOtherText) {
  for (const char* text : {"", "recall@1", "recall@1=0.5", ">=0.5", "recall@1>=", "recall@1>=half", "recall@1>=0.5x"}) {
    try {
      parse_requirement(text);
      FAIL() << text;
    } catch (const Error& e) {
      EXPECT_EQ(e.code(), ErrorCode::kUsage) << text;
      EXPECT_THAT(e.what(), HasSubstr("recall@1>=0.5"));
    }
  }
}

}  // namespace
}  // namespace winnow
