#include "tests/unit/retrieval/support.h"

namespace winnow {
namespace {

using test::expect_error;

struct Row {
  const char* type;
  int64_t count, dim;
  uint64_t memory;
  const char* factory;
};

class PlanTable : public testing::TestWithParam<Row> {};

TEST_P(PlanTable, Factory) {
  const auto& row = GetParam();
  const auto plan = plan_index(row.type, row.count, row.dim, row.memory);
  EXPECT_EQ(plan.factory, row.factory) << plan.reason;
  EXPECT_FALSE(plan.reason.empty());
  if (row.memory > 0) {
    EXPECT_LE(plan.bytes, row.memory);
  }
}

constexpr uint64_t kMiB = uint64_t{1} << 20, kGiB = uint64_t{1} << 30;

// Sizes in bytes a vector at D = 128: flat 512, hnsw 784, ivf 520 + lists, sq8 136 + lists, pq32 40 + lists.
INSTANTIATE_TEST_SUITE_P(
    Plans, PlanTable,
    testing::Values(
        Row{"binary", 5000, 100, 0, "LSHrt"}, Row{"auto", 1, 128, 0, "Flat"}, Row{"auto", 9'999, 128, 0, "Flat"},
        Row{"auto", 10'000, 128, 0, "HNSW32"}, Row{"auto", 1'000'000, 128, 0, "HNSW32"},
        Row{"auto", 1'000'001, 128, 0, "IVF25641_HNSW32,Flat"}, Row{"auto", 5'000'000, 128, 0, "IVF65536_HNSW32,Flat"},
        Row{"auto", 50'000'000, 128, 0, "IVF262144_HNSW32,Flat"},
        Row{"auto", 500'000'000, 128, 0, "IVF1048576_HNSW32,Flat"}, Row{"auto", 9'000, 128, 3 * kMiB, "SQfp16"},
        Row{"auto", 9'000, 128, 2 * kMiB, "SQ8"}, Row{"auto", 1'000'000, 128, 600 * kMiB, "IVF4000,Flat"},
        Row{"auto", 1'000'000, 128, 200 * kMiB, "IVF4000,SQ8"},
        Row{"auto", 1'000'000, 128, 50 * kMiB, "IVF4000,PQ32x8np"},
        Row{"auto", 1'000'000, 128, 26 * kMiB, "IVF4000,PQ16x8np"},
        Row{"auto", 1'000'000, 128, 18 * kMiB, "IVF4000,PQ8x8np"},
        Row{"auto", 100'000'000, 512, 30 * kGiB, "IVF262144_HNSW32,PQ128x8np"}, Row{"Flat", 5, 3, 0, "Flat"},
        Row{"hnsw", 50, 8, 0, "HNSW32"}, Row{"ivf", 2'640, 128, 0, "IVF67,Flat"}, Row{"ivf", 3, 8, 0, "IVF1,Flat"},
        Row{"ivfsq8", 100'000, 64, 0, "IVF1265,SQ8"}, Row{"ivfpq", 10'000, 100, 0, "IVF256,PQ25x8np"},
        Row{"ivfpq", 10'000, 127, 0, "IVF256,PQ1x8np"},
        Row{"OPQ8_32,IVF64,PQ8x8np", 10'000, 128, 0, "OPQ8_32,IVF64,PQ8x8np"}));

TEST(Plan, MemoryIsEstimatedFromTheParts) {
  EXPECT_EQ(plan_index("flat", 1000, 128, 0).bytes, 1000u * 128 * 4);
  // retrieval.md 4.2: 1,295.8 bytes a vector measured at D = 256.
  EXPECT_NEAR(static_cast<double>(plan_index("hnsw", 1000, 256, 0).bytes) / 1000, 1295.8, 10);
}

TEST(Plan, ReasonSaysWhatDidNotFit) {
  const auto plan = plan_index("auto", 1'000'000, 128, 200 * kMiB);
  EXPECT_NE(plan.reason.find("HNSW32 needs"), std::string::npos) << plan.reason;
  EXPECT_EQ(plan.type, "ivfsq8");
}

TEST(Plan, ImpossibleOnesAreRefused) {
  expect_error(ErrorCode::kConfig, [] { plan_index("auto", 1'000'000, 128, kMiB); });
  expect_error(ErrorCode::kConfig, [] { plan_index("ivfpq", 255, 128, 0); });
  expect_error(ErrorCode::kData, [] { plan_index("flat", 0, 128, 0); });
  expect_error(ErrorCode::kData, [] { plan_index("flat", 5, 0, 0); });
}

}  // namespace
}  // namespace winnow
