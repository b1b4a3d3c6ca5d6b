#include "src/workflow/noise_records.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "src/workflow/noise_rank.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_dir.h"

namespace winnow {
namespace {

using test::error_of;
using testing::HasSubstr;

constexpr const char* kHead = "row,path,label,own,other,other_share,squares\n";

NoiseRequest run_with(const test::TempDir& run, const std::string& rows) {
  write_file_atomically(run.path() / "dynamics.csv", kHead + rows);
  NoiseRequest request;
  request.target = run.path().string();
  return request;
}

TEST(NoiseRecords, DynamicsOfARunRankItsLabels) {
  const test::TempDir run;
  const auto request = run_with(run, "3,a.png,cat,0.9,dog,0.1,0.82\n5,b.png,cat,0.1,dog,0.9,0.82\n8,c.png,dog,,,,\n");
  const auto source = open_noise_source(request);
  EXPECT_EQ(source.rows.rows, (std::vector<int64_t>{3, 5, 8}));
  EXPECT_EQ(source.names, (std::vector<std::string>{"cat", "dog"}));
  EXPECT_FLOAT_EQ(source.dynamics.own[1], 0.1f);
  EXPECT_EQ(source.dynamics.other[1], 1);
  EXPECT_TRUE(std::isnan(source.dynamics.own[2]));
  const auto judged = judge_labels(request);
  EXPECT_EQ(judged->suspects.at(0).position, 1);
  EXPECT_EQ(judged->suspects.at(0).suggested, 1);
  EXPECT_THAT(judged->suspects.at(0).reason, HasSubstr("the network gave cat 10 % and dog 90 %"));
}

TEST(NoiseRecords, AShareOutOfRangeIsNamedWithItsLine) {
  const test::TempDir run;
  const auto request = run_with(run, "3,a.png,cat,0.9,dog,0.1,0.82\n5,b.png,dog,1.5,cat,0.1,0.82\n");
  EXPECT_THAT(error_of(ErrorCode::kData, [&] { open_noise_source(request); }),
              HasSubstr("dynamics.csv:3: own in 0..1 is required, got '1.5'"));
}

TEST(NoiseRecords, ARunWithoutRecordsSaysHowToMakeThem) {
  const test::TempDir run;
  NoiseRequest request;
  request.target = run.path().string();
  EXPECT_THAT(error_of(ErrorCode::kNotFound, [&] { open_noise_source(request); }), HasSubstr("winnow embed DATA"));
}

}  // namespace
}  // namespace winnow
