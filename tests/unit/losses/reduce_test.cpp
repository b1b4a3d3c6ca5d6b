#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "tests/unit/losses/loss_support.h"

namespace winnow::test {
namespace {

at::Tensor doubles(std::vector<double> values) { return at::tensor(values, at::TensorOptions(at::kDouble)); }
at::Tensor positions(std::vector<int64_t> values) { return at::tensor(values, at::TensorOptions(at::kLong)); }

double reduce_one(LossItems items, const at::Tensor& trust) {
  return reduce_items({std::move(items)}, trust).item<double>();
}

TEST(ReduceItems, WeighsElementsByTrust) {
  // (1*2 + 0.5*4 + 0*100) / 1.5
  EXPECT_DOUBLE_EQ(reduce_one({ItemKind::kElement, doubles({2, 4, 100}), {}, {}, {}}, doubles({1, 0.5, 0})), 4.0 / 1.5);
  EXPECT_DOUBLE_EQ(reduce_one({ItemKind::kElement, doubles({2, 4, 6}), {}, {}, {}}, {}), 4.0);
}

TEST(ReduceItems, DividesByFivePercentOfTheItemsAtLeast) {
  // sum of trust 0.01, floor 0.05 * 4 = 0.2
  EXPECT_DOUBLE_EQ(reduce_one({ItemKind::kElement, doubles({8, 8, 8, 8}), {}, {}, {}}, doubles({0.01, 0, 0, 0})),
                   0.08 / 0.2);
  EXPECT_EQ(reduce_one({ItemKind::kElement, doubles({8, 8}), {}, {}, {}}, doubles({0, 0})), 0.0);
}

TEST(ReduceItems, WeighsPositivePairsByBothAndNegativesNot) {
  const auto trust = doubles({1, 0.5, 0.2});
  const auto first = positions({0, 1}), second = positions({1, 2});
  // weights 0.5 and 0.1
  EXPECT_DOUBLE_EQ(reduce_one({ItemKind::kPositivePair, doubles({2, 6}), first, second, {}}, trust), 1.6 / 0.6);
  EXPECT_DOUBLE_EQ(reduce_one({ItemKind::kTriplet, doubles({2, 6}), first, second, {}}, trust), 1.6 / 0.6);
  EXPECT_DOUBLE_EQ(reduce_one({ItemKind::kNegativePair, doubles({2, 6}), first, second, {}}, trust), 4.0);
}

TEST(ReduceItems, TakesTheTrustOfABankPartnerFromTheItems) {
  LossItems items{ItemKind::kPositivePair, doubles({2, 6}), positions({0, 1}), {}, doubles({0.5, 0.25})};
  // weights 0.5 and 0.125
  EXPECT_DOUBLE_EQ(reduce_one(items, doubles({1, 0.5})), 1.75 / 0.625);
}

TEST(ReduceItems, AveragesOverAnchorsWhereAsked) {
  const auto trust = doubles({1, 1, 0.5, 0});
  LossItems pairs{ItemKind::kPositivePair, doubles({2, 6}), positions({0, 2}), positions({1, 0}), {},
                  Averaging::kAnchors};
  EXPECT_DOUBLE_EQ(reduce_one(pairs, trust), (2 + 0.5 * 6) / 2.5);
  pairs.kind = ItemKind::kNegativePair;
  EXPECT_DOUBLE_EQ(reduce_one(pairs, trust), 8.0 / 4);
  EXPECT_EQ(code_of([&] { reduce_items({pairs}, {}); }), ErrorCode::kInternal);
}

TEST(ReduceItems, AddsEntriesAndLeavesReducedOnesAlone) {
  const LossItems elements{ItemKind::kElement, doubles({1, 3}), {}, {}, {}};
  const LossItems reduced_already{ItemKind::kReduced, at::scalar_tensor(0.25, at::kDouble), {}, {}, {}};
  EXPECT_DOUBLE_EQ(reduce_items({elements, reduced_already}, doubles({1, 0})).item<double>(), 1.25);
}

TEST(ReduceItems, EmptyEntriesGiveZeroWithAGraph) {
  const auto z = doubles({1, 2}).requires_grad_(true);
  const auto none = z.masked_select(z > 5);
  const auto total = reduce_items({{ItemKind::kPositivePair, none, positions({}), positions({}), {}}}, doubles({1, 1}));
  EXPECT_EQ(total.item<double>(), 0.0);
  EXPECT_EQ(gradient(total, z).abs().max().item<double>(), 0.0);
}

TEST(ReduceItems, GivesNoGradientToTheTrust) {
  const auto trust = doubles({1, 0.5}).requires_grad_(true);
  const auto values = doubles({1, 2}).requires_grad_(true);
  const auto total = reduce_items({{ItemKind::kElement, values, {}, {}, {}}}, trust);
  EXPECT_EQ(gradient(total, trust).abs().max().item<double>(), 0.0);
}

TEST(RestoreState, NamesWhatDoesNotFit) {
  const LossState live{{"a", at::zeros({2})}, {"b", at::zeros({}, at::kLong)}};
  EXPECT_EQ(code_of([&] {
              restore_state({{"a", at::ones({3})}, {"b", at::ones({}, at::kLong)}}, live);
            }),
            ErrorCode::kData);
  EXPECT_EQ(code_of([&] { restore_state({{"a", at::ones({2})}, {"b", at::ones({})}}, live); }), ErrorCode::kData);
  EXPECT_EQ(code_of([&] {
              restore_state({{"a", at::ones({2})}, {"c", at::ones({}, at::kLong)}}, live);
            }),
            ErrorCode::kData);
  restore_state({{"b", at::ones({}, at::kLong)}, {"a", at::ones({2})}}, live);
  EXPECT_EQ(live[0].second.sum().item<double>(), 2.0);
  EXPECT_EQ(live[1].second.item<int64_t>(), 1);
}

}  // namespace
}  // namespace winnow::test
