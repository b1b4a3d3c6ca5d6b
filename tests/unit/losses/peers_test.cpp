#include "losses/peers.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

namespace winnow {
namespace {

std::unique_ptr<PeerRule> make(const std::string& name, double rate, int64_t start = 0, double agreement = 0.5) {
  auto options = peer_family().make_options(name);
  auto& peers = dynamic_cast<PeerOptions&>(*options);
  peers.rate = rate;
  peers.ramp_epochs = 0;
  peers.start_epoch = start;
  peers.agreement = agreement;
  return peer_family().maker(name)(*options, {});
}

/// Class 0 is given everywhere; a margin m means logits (m, 0): CE = log(1 + e^-m).
PeerBatch batch_of(const std::vector<double>& a, const std::vector<double>& b) {
  const auto logits = [](const std::vector<double>& margins) {
    const auto m = at::tensor(margins, at::kDouble);
    return at::stack({m, at::zeros_like(m)}, 1).set_requires_grad(true);
  };
  PeerBatch out;
  out.labels = at::zeros({static_cast<int64_t>(a.size())}, at::kLong);
  out.logits_a = logits(a);
  out.logits_b = logits(b);
  out.epoch = 3;
  return out;
}

std::vector<double> values(const at::Tensor& t) {
  const auto c = t.to(at::kDouble).contiguous();
  return {c.const_data_ptr<double>(), c.const_data_ptr<double>() + c.numel()};
}

TEST(SmallLossMask, KeepsTheSmallestWithTiesByPosition) {
  const auto mask = small_loss_mask(at::tensor({2.0, 1.0, 1.0, 3.0}), 0.5);
  EXPECT_EQ(values(mask), (std::vector<double>{0, 1, 1, 0}));
  EXPECT_EQ(values(small_loss_mask(at::tensor({1.0, 1.0, 1.0}), 0.34)), (std::vector<double>{1, 0, 0}));
  EXPECT_EQ(values(small_loss_mask(at::tensor({5.0, 4.0}), 0.0)), (std::vector<double>{0, 1}));  // never nothing
}

TEST(CoTeaching, EachLearnsFromTheOthersSmallLosses) {
  const auto verdict = make("co_teaching", 0.5)->judge(batch_of({3, 2, -1, -2}, {-2, 1, -1, 3}));
  EXPECT_EQ(values(verdict.weight_b), (std::vector<double>{1, 1, 0, 0}));  // a's choice
  EXPECT_EQ(values(verdict.weight_a), (std::vector<double>{0, 1, 0, 1}));  // b's choice
  EXPECT_EQ(verdict.scale, 1);
  EXPECT_FALSE(verdict.extra.defined());
}

TEST(CoTeaching, RampsAndAsksTheEstimatorWhenNothingIsTold) {
  auto batch = batch_of({4, 3, 2, 1}, {4, 3, 2, 1});
  const auto rule = make("co_teaching", -1);
  EXPECT_EQ(rule->judge(batch).weight_a.sum().item<double>(), 4);  // nothing known: nothing dropped
  batch.rate_estimate = 0.25;
  EXPECT_EQ(rule->judge(batch).weight_a.sum().item<double>(), 3);
  auto options = peer_family().make_options("co_teaching");
  auto& peers = dynamic_cast<PeerOptions&>(*options);
  peers.rate = 0.5;
  peers.ramp_epochs = 6;  // epoch 3: half of the rate
  EXPECT_EQ(peer_family().maker("co_teaching")(*options, {})->judge(batch).weight_a.sum().item<double>(), 3);
}

TEST(CoTeachingPlus, LooksOnlyWhereTheTwoDisagree) {
  const auto batch = batch_of({3, 2, 1, -1}, {-1, 2, -2, -3});  // they disagree on items 0 and 2
  const auto verdict = make("co_teaching_plus", 0.5)->judge(batch);
  EXPECT_EQ(values(verdict.weight_b), (std::vector<double>{1, 0, 0, 0}));
  EXPECT_EQ(values(verdict.weight_a), (std::vector<double>{1, 0, 0, 0}));
  const auto early = make("co_teaching_plus", 0.5, 4)->judge(batch);
  EXPECT_EQ(early.weight_b.sum().item<double>(), 2);
}

TEST(JoCoR, RanksByTheJointLossAndAddsTheDivergence) {
  const auto batch = batch_of({2, 1}, {2, -1});
  const auto verdict = make("jocor", 0.5, 0, 0.25)->judge(batch);
  EXPECT_EQ(values(verdict.weight_a), (std::vector<double>{1, 0}));
  EXPECT_EQ(values(verdict.weight_b), values(verdict.weight_a));
  EXPECT_EQ(verdict.scale, 0.75);
  EXPECT_NEAR(verdict.extra.item<double>(), 0.0, 1e-12);  // item 0: the two agree exactly
  const auto both = make("jocor", 0.0, 0, 1.0)->judge(batch);
  const double p = 1 / (1 + std::exp(-1.0)), q = 1 - p;  // of item 1
  EXPECT_NEAR(both.extra.item<double>(), 0.5 * 2 * (p - q) * std::log(p / q), 1e-12);
  both.extra.backward();
  EXPECT_GT(batch.logits_a.grad().abs().sum().item<double>(), 0);
  EXPECT_GT(batch.logits_b.grad().abs().sum().item<double>(), 0);
}

}  // namespace
}  // namespace winnow
