#include "losses/contrastive.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "tests/unit/losses/loss_support.h"

namespace winnow::test {
namespace {

/// The formula of losses.md 4.1 in loops: the pairs of z x partners, the same place in both left out when `own`.
double naive_pairs(const at::Tensor& z, const at::Tensor& labels, const at::Tensor& partners,
                   const at::Tensor& partner_labels, const ContrastiveOptions& o, bool own) {
  double total = 0;
  for (int64_t i = 0; i < z.size(0); ++i)
    for (int64_t j = 0; j < partners.size(0); ++j) {
      if (own && i == j) continue;
      const double s = z[i].dot(partners[j]).item<double>();
      if (labels[i].item<int64_t>() == partner_labels[j].item<int64_t>()) {
        if (s < o.pos_margin) total += o.pos_margin - s;
      } else if (s > o.neg_margin) {
        total += s;
      }
    }
  return total / static_cast<double>(z.size(0));
}

double naive_batch(const LossBatch& b, const ContrastiveOptions& o) {
  return naive_pairs(b.z, b.labels, b.z, b.labels, o, true);
}

double value_of(Loss& loss, const LossBatch& batch) {
  return reduced(loss, batch, given_targets(batch)).item<double>();
}

LossBatch three_in_the_plane() {
  LossBatch batch;
  batch.z = at::tensor({1.0, 0.0, 0.6, 0.8, 0.8, 0.6}, at::TensorOptions(at::kDouble)).view({3, 2});
  batch.labels = at::tensor({0, 0, 1}, at::TensorOptions(at::kLong));
  batch.rows = at::arange(3, at::TensorOptions(at::kLong));
  return batch;
}

LossContext plane() {
  auto context = small_context();
  context.dim = 2;
  return context;
}

TEST(Contrastive, HandWorkedValue) {
  // positives (0,1) twice: 1 - 0.6; negatives (0,2) 0.8 and (1,2) 0.96 twice each; n = 3
  Contrastive loss({}, plane());
  EXPECT_NEAR(value_of(loss, three_in_the_plane()), (2 * 0.4 + 2 * 0.8 + 2 * 0.96) / 3, 1e-12);
}

TEST(Contrastive, MarginsDecideWhichPairsCount) {
  ContrastiveOptions options;
  options.pos_margin = 0.5;  // 0.6 is near enough
  options.neg_margin = 0.9;  // 0.8 is far enough
  Contrastive loss(options, plane());
  EXPECT_NEAR(value_of(loss, three_in_the_plane()), 2 * 0.96 / 3, 1e-12);
}

TEST(Contrastive, AgreesWithLoops) {
  const auto context = small_context();
  for (uint64_t seed = 1; seed < 6; ++seed) {
    ContrastiveOptions options;
    options.neg_margin = 0.1 * static_cast<double>(seed);
    Contrastive loss(options, context);
    const auto batch = random_batch(12, context, seed);
    EXPECT_NEAR(value_of(loss, batch), naive_batch(batch, options), 1e-12);
  }
}

TEST(Contrastive, MemoryEqualsExplicitConcatenation) {
  const auto context = small_context();
  ContrastiveOptions options;
  options.memory = 100;
  options.memory_weight = 0.7;
  Contrastive loss(options, context);
  at::Tensor bank_z, bank_labels;
  for (uint64_t seed = 1; seed < 4; ++seed) {
    const auto batch = random_batch(8, context, seed);
    double expected = naive_batch(batch, options);
    if (bank_z.defined()) expected += 0.7 * naive_pairs(batch.z, batch.labels, bank_z, bank_labels, options, false);
    EXPECT_NEAR(value_of(loss, batch), expected, 1e-12) << "after " << seed - 1 << " batches";
    loss.after_step(batch, given_targets(batch));
    bank_z = bank_z.defined() ? at::cat({bank_z, batch.z.detach()}) : batch.z.detach();
    bank_labels = bank_labels.defined() ? at::cat({bank_labels, batch.labels}) : batch.labels;
  }
}

TEST(Contrastive, MemoryKeepsTheNewestEntries) {
  const auto context = small_context();
  ContrastiveOptions options;
  options.memory = 10;
  Contrastive loss(options, context);
  at::Tensor all_z, all_labels;
  for (uint64_t seed = 1; seed < 5; ++seed) {
    const auto batch = random_batch(7, context, seed);
    loss.after_step(batch, given_targets(batch));
    all_z = all_z.defined() ? at::cat({all_z, batch.z.detach()}) : batch.z.detach();
    all_labels = all_labels.defined() ? at::cat({all_labels, batch.labels}) : batch.labels;
  }
  const auto batch = random_batch(6, context, 9);
  const double expected = naive_batch(batch, options) + naive_pairs(batch.z, batch.labels, all_z.narrow(0, 18, 10),
                                                                    all_labels.narrow(0, 18, 10), options, false);
  EXPECT_NEAR(value_of(loss, batch), expected, 1e-12);
}

TEST(Contrastive, ABatchLargerThanTheMemoryLeavesItsEnd) {
  MemoryBank bank(4, small_context());
  const auto z = at::arange(24, at::TensorOptions(at::kDouble)).view({6, 4});
  bank.push(z, at::arange(6, at::TensorOptions(at::kLong)), at::ones({6}, at::kDouble));
  EXPECT_EQ(bank.size(), 4);
  EXPECT_EQ(std::get<0>(bank.labels().sort()).select(0, 0).item<int64_t>(), 2);
}

TEST(Contrastive, OnlyTrustedItemsEnterTheMemoryWithTheirTargetLabels) {
  const auto context = small_context();
  ContrastiveOptions options;
  options.memory = 10;
  Contrastive loss(options, context);
  const auto batch = random_batch(4, context, 1);
  auto targets = given_targets(batch);
  targets.trust = at::tensor({1.0, 0.5, 0.51, 0.0}, at::TensorOptions(at::kDouble));
  targets.labels = (batch.labels + 1).remainder(5);
  loss.after_step(batch, targets);
  const auto state = loss.state();
  EXPECT_EQ(state[3].second.item<int64_t>(), 2) << "bank.pushed";
  EXPECT_TRUE(same_bits(state[0].second.narrow(0, 0, 1), batch.z.narrow(0, 0, 1)));
  EXPECT_EQ(state[1].second[1].item<int64_t>(), targets.labels[2].item<int64_t>());
  EXPECT_EQ(state[2].second[1].item<double>(), 0.51);
}

TEST(Contrastive, PositivePairsCarryTheTrustOfBothSides) {
  const auto context = plane();
  ContrastiveOptions options;
  options.memory = 3;
  options.memory_trust = 0.0;
  Contrastive loss(options, context);
  const auto batch = three_in_the_plane();
  auto targets = given_targets(batch);
  targets.trust = at::tensor({1.0, 0.5, 0.25}, at::TensorOptions(at::kDouble));
  loss.after_step(batch, targets);
  // batch: positives weigh 0.5, divisor sum t = 1.75; negatives 1, divisor 3. The bank repeats the batch and adds each
  // item as its own positive at S = 1 (nothing to pull) and the pairs once more.
  const double positives = 2 * 0.5 * 0.4 / 1.75, negatives = 2 * (0.8 + 0.96) / 3;
  EXPECT_NEAR(reduced(loss, batch, targets).item<double>(), 2 * (positives + negatives), 1e-12);
}

TEST(Contrastive, MemoryWaitsForItsStart) {
  const auto context = small_context();
  ContrastiveOptions options;
  options.memory = 10;
  options.memory_start = 0.4;
  Contrastive loss(options, context);
  auto batch = random_batch(6, context, 1);
  batch.progress = 0.39;
  loss.after_step(batch, given_targets(batch));
  batch.progress = 0.4;
  EXPECT_NEAR(value_of(loss, batch), naive_batch(batch, options), 1e-12) << "nothing was stored before the start";
  loss.after_step(batch, given_targets(batch));
  EXPECT_GT(value_of(loss, batch), naive_batch(batch, options) + 1e-6);
}

TEST(Contrastive, ABatchWithoutPairsCostsNothing) {
  Contrastive loss({}, plane());
  LossBatch batch;
  batch.z = at::tensor({1.0, 0.0}, at::TensorOptions(at::kDouble)).view({1, 2}).requires_grad_(true);
  batch.labels = at::zeros({1}, at::TensorOptions(at::kLong));
  const auto value = reduced(loss, batch, given_targets(batch));
  EXPECT_EQ(value.item<double>(), 0.0);
  EXPECT_TRUE(value.requires_grad());
}

TEST(Contrastive, AllPicturesAsMemory) {
  ContrastiveOptions options;
  options.memory = -1;
  Contrastive loss(options, small_context());
  EXPECT_EQ(loss.state()[0].second.size(0), 20);
  EXPECT_FALSE(loss.needs_pairs());
  EXPECT_TRUE(Contrastive({}, small_context()).needs_pairs());
  auto nameless = small_context();
  nameless.items = 0;
  EXPECT_EQ(code_of([&] { Contrastive(options, nameless); }), ErrorCode::kConfig);
}

}  // namespace
}  // namespace winnow::test
