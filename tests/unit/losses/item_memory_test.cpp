#include "losses/item_memory.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/unit/losses/loss_support.h"

namespace winnow::test {
namespace {

at::Tensor rows_of(std::vector<int64_t> rows) { return at::tensor(rows, at::TensorOptions(at::kLong)); }

at::Tensor random_p(int64_t size, int64_t seed) {
  return (at::arange(size * 5, at::TensorOptions(at::kDouble)).view({size, 5}) * (1.7 + static_cast<double>(seed)))
      .sin()
      .mul(3)
      .softmax(1);
}

TEST(LastPositions, KeepsTheLastOfEqualRows) {
  EXPECT_TRUE(at::equal(last_positions(rows_of({7, 3, 7, 5, 3})), rows_of({2, 3, 4})));
  EXPECT_TRUE(at::equal(last_positions(rows_of({4})), rows_of({0})));
}

TEST(PredictionMemory, AgreesWithALoop) {
  PredictionMemory memory(0.7, 0, small_context());
  ASSERT_FALSE(memory.sparse());
  std::map<int64_t, at::Tensor> naive;
  const std::vector<std::vector<int64_t>> visits{{0, 3, 19}, {3, 4, 0}, {19, 3, 7}, {3, 0, 7}};
  for (size_t step = 0; step < visits.size(); ++step) {
    const auto p = random_p(3, static_cast<int64_t>(step));
    const auto q = memory.update(rows_of(visits[step]), p);
    for (size_t i = 0; i < 3; ++i) {
      auto& own = naive[visits[step][i]];
      const auto now = p[static_cast<int64_t>(i)];
      own = own.defined() ? 0.7 * own + 0.3 * now : now.clone();
      EXPECT_LT(largest_difference(q[static_cast<int64_t>(i)], own), 1e-14);
    }
  }
}

TEST(PredictionMemory, SparseRowsKeepTheLargestEntries) {
  PredictionMemory memory(0.5, 2, small_context());
  ASSERT_TRUE(memory.sparse());
  const auto first = at::tensor({0.4, 0.3, 0.2, 0.1, 0.0}, at::TensorOptions(at::kDouble)).view({1, 5});
  const auto second = at::tensor({0.0, 0.0, 0.2, 0.2, 0.6}, at::TensorOptions(at::kDouble)).view({1, 5});
  EXPECT_TRUE(at::equal(memory.update(rows_of({6}), first), first)) << "the first visit is returned whole";
  // kept of the first: 0.4 and 0.3
  const auto expected = at::tensor({0.2, 0.15, 0.1, 0.1, 0.3}, at::TensorOptions(at::kDouble)).view({1, 5});
  EXPECT_LT(largest_difference(memory.update(rows_of({6}), second), expected), 1e-15);
}

TEST(PredictionMemory, KeepingAllClassesIsDense) {
  PredictionMemory dense(0.7, 0, small_context()), all(0.7, 5, small_context());
  EXPECT_FALSE(all.sparse());
  for (int64_t step = 0; step < 6; ++step) {
    const auto p = random_p(2, step);
    EXPECT_TRUE(at::equal(dense.update(rows_of({1, 2}), p), all.update(rows_of({1, 2}), p)));
  }
}

TEST(PredictionMemory, ARowTwiceInABatchKeepsItsLastVisit) {
  PredictionMemory memory(0.0, 0, small_context());
  const auto p = random_p(3, 1);
  memory.update(rows_of({8, 2, 8}), p);
  PredictionMemory half(0.5, 0, small_context());
  restore_state(memory.state(), half.state());
  const auto q = half.update(rows_of({8}), at::zeros({1, 5}, at::kDouble));
  EXPECT_LT(largest_difference(q[0], 0.5 * p[2]), 1e-15);
}

TEST(PredictionMemory, RefusesUnknownRowsAndNoPictures) {
  PredictionMemory memory(0.5, 0, small_context());
  EXPECT_EQ(code_of([&] { memory.update(rows_of({20}), random_p(1, 0)); }), ErrorCode::kData);
  EXPECT_EQ(code_of([&] { memory.update(rows_of({-1}), random_p(1, 0)); }), ErrorCode::kData);
  LossContext empty = small_context();
  empty.items = 0;
  EXPECT_EQ(code_of([&] { PredictionMemory(0.5, 0, empty); }), ErrorCode::kConfig);
}

TEST(StableChoice, CountsVisitsInARow) {
  StableChoice choice(small_context());
  const auto visit = [&](int64_t predicted) {
    return choice.update(rows_of({5}), rows_of({predicted}))[0].item<int64_t>();
  };
  EXPECT_EQ(visit(2), 1);
  EXPECT_EQ(visit(2), 2);
  EXPECT_EQ(visit(3), 1);
  EXPECT_EQ(visit(2), 1);
  EXPECT_EQ(visit(2), 2);
  EXPECT_EQ(visit(2), 3);
  EXPECT_EQ(choice.update(rows_of({4}), rows_of({2}))[0].item<int64_t>(), 1) << "rows are apart";
}

}  // namespace
}  // namespace winnow::test
