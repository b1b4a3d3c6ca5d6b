#include <gtest/gtest.h>

#include "tests/unit/src/training/training_support.h"

namespace winnow {
namespace {

TEST(Plan, CountsStepsWeightsAndBytes) {
  auto config = test::tiny_config(test::TinyData::get().train, test::TinyData::get().val);
  const CostCard estimated = plan_training(config, false);
  EXPECT_EQ(estimated.images, 64);
  EXPECT_EQ(estimated.classes, 4);
  EXPECT_EQ(estimated.steps, 2 * 4);
  EXPECT_GT(estimated.parameters, 100000);
  EXPECT_GT(estimated.gflops_per_image, 0);
  EXPECT_GT(estimated.seconds_per_step, 0);
  // last (weights and two moments) and its successor, best, model
  EXPECT_EQ(estimated.disk_bytes, static_cast<uint64_t>(4 * estimated.parameters * (2 * 3 + 2)));
  EXPECT_EQ(estimated.device, "cpu");
  EXPECT_EQ(estimated.precision, "fp32");

  config.training.batch = 32;
  const CostCard larger = plan_training(config, true);
  EXPECT_GT(larger.memory_bytes, estimated.memory_bytes);
  EXPECT_GT(larger.seconds_per_step, 0);
}

}  // namespace
}  // namespace winnow
