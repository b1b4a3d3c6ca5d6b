// What every registered target policy and trust estimator must keep.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <ostream>

#include "losses/seccnn.h"
#include "losses/small_loss.h"
#include "losses/soft_correction.h"
#include "tests/unit/losses/loss_support.h"

namespace winnow::test {
namespace {

struct PolicyCase {
  std::string label, name;
  Tweak tweak;
};

Tweak seccnn_with(std::function<void(SeccnnOptions&)> change) {
  return [change](Options& options) { change(dynamic_cast<SeccnnOptions&>(options)); };
}

std::vector<PolicyCase> policy_cases() {
  std::vector<PolicyCase> out;
  for (const auto& name : policy_family().names()) out.push_back({name, name, nullptr});
  out.push_back({"seccnn_expected", "seccnn", seccnn_with([](auto& o) { o.mode = "expected"; })});
  out.push_back({"seccnn_ema_stable", "seccnn", seccnn_with([](auto& o) {
                   o.prediction = "ema";
                   o.stable = 2;
                 })});
  out.push_back({"seccnn_ema_sparse", "seccnn", seccnn_with([](auto& o) {
                   o.prediction = "ema";
                   o.ema_top = 2;
                 })});
  out.push_back({"seccnn_retrieval", "seccnn", seccnn_with([](auto& o) {
                   o.gate = 0.1;
                   o.outlier_cosine = 0.3;
                 })});
  out.push_back({"selc_sparse", "selc", [](Options& o) { dynamic_cast<SelcOptions&>(o).top = 2; }});
  out.push_back({"small_loss_told", "small_loss", [](Options& o) { dynamic_cast<SmallLossOptions&>(o).rate = 0.3; }});
  return out;
}

std::ostream& operator<<(std::ostream& out, const PolicyCase& one) { return out << one.label; }

class PolicyContract : public ::testing::TestWithParam<PolicyCase> {
 protected:
  std::unique_ptr<TargetPolicy> make() {
    auto policy = make_policy(GetParam().name, context_, GetParam().tweak);
    policy->bind(classifier_.get());
    return policy;
  }
  Targets apply(TargetPolicy& policy, const LossBatch& batch, uint64_t step, const Verdict& verdict = {}) {
    Random random(7, "targets", step);
    const auto logits = classifier_->logits(batch);
    auto targets = policy.apply(batch, verdict, logits.detach(), random);
    if (const auto extra = policy.regulariser(logits); extra.defined()) {
      EXPECT_TRUE(extra.requires_grad());
    }
    return targets;
  }
  LossContext context_ = small_context();
  std::unique_ptr<Loss> classifier_ = make_loss("normalized_softmax", context_);
};

TEST_P(PolicyContract, GivesTargetsThatEveryLossTakes) {
  const auto policy = make();
  for (uint64_t step = 0; step < 4; ++step) {
    const auto batch = random_batch(12, context_, step);
    const auto targets = apply(*policy, batch, step);
    check_targets("test", targets, 12, context_.classes);
    ASSERT_TRUE(targets.trust.defined());
    EXPECT_TRUE(targets.trust.ge(0).logical_and(targets.trust.le(1)).all().item<bool>());
    EXPECT_FALSE(targets.trust.requires_grad());
    if (targets.soft.defined()) {
      EXPECT_LT(largest_difference(targets.soft.sum(1), at::ones({12}, at::kDouble)), 1e-12);
      EXPECT_TRUE(targets.soft.ge(0).all().item<bool>());
    }
    for (const auto& name : loss_family().names())
      EXPECT_TRUE(reduced(*make_loss(name, context_), batch, targets).isfinite().item<bool>()) << name;
  }
}

TEST_P(PolicyContract, DecisionsMoveWithTheOrderOfTheBatch) {
  const auto a = make(), b = make();
  const auto order = at::tensor({5, 2, 7, 0, 1, 6, 3, 4}, at::TensorOptions(at::kLong));
  int64_t swapped = 0;
  Verdict doubtful;  // some policies act only on doubt
  doubtful.trust = at::full({8}, 0.3, at::kDouble);
  const Verdict verdict = GetParam().name == "refine" ? doubtful : Verdict{};
  for (uint64_t step = 0; step < 5; ++step) {
    const auto batch = random_batch(8, context_, step);
    auto shuffled = batch;
    for (auto* t : {&shuffled.raw, &shuffled.z, &shuffled.labels, &shuffled.rows}) *t = t->index_select(0, order);
    const auto one = apply(*a, batch, step, verdict), other = apply(*b, shuffled, step, verdict);
    EXPECT_TRUE(at::equal(one.labels.index_select(0, order), other.labels));
    EXPECT_TRUE(at::equal(one.trust.index_select(0, order), other.trust));
    swapped += one.labels.ne(batch.labels).sum().item<int64_t>();
    if (one.soft.defined()) swapped += one.soft.gather(1, batch.labels.unsqueeze(1)).lt(1 - 1e-9).sum().item<int64_t>();
  }
  EXPECT_EQ(swapped > 0, a->rewrites_labels());
}

TEST_P(PolicyContract, OpenSetItemsHaveNoWeight) {
  const auto policy = make();
  const auto batch = random_batch(8, context_, 1);
  Verdict verdict;
  verdict.trust = at::full({8}, 0.75, at::kDouble);
  verdict.in_set = at::arange(8, at::TensorOptions(at::kLong)).ge(3);
  const auto targets = apply(*policy, batch, 1, verdict);
  EXPECT_EQ(targets.trust.narrow(0, 0, 3).max().item<double>(), 0.0);
  EXPECT_GT(targets.trust.narrow(0, 3, 5).max().item<double>(), 0.0);
}

TEST_P(PolicyContract, ContinuesToTheBitFromItsSavedState) {
  const auto whole = make();
  for (uint64_t step = 0; step < 4; ++step) apply(*whole, random_batch(10, context_, step), step);
  const auto state = copy_of(whole->state());
  const auto resumed = make();
  resumed->load_state(LossState(state.rbegin(), state.rend()));
  for (uint64_t step = 4; step < 8; ++step) {
    const auto batch = random_batch(10, context_, step);
    const auto a = apply(*whole, batch, step), b = apply(*resumed, batch, step);
    EXPECT_TRUE(same_bits(a.labels, b.labels) && same_bits(a.trust, b.trust));
    if (a.soft.defined()) {
      EXPECT_TRUE(same_bits(a.soft, b.soft));
    }
    EXPECT_EQ(whole->log(), resumed->log());
  }
  const auto a = whole->state(), b = resumed->state();
  for (size_t i = 0; i < a.size(); ++i) EXPECT_TRUE(same_bits(a[i].second, b[i].second)) << a[i].first;
}

INSTANTIATE_TEST_SUITE_P(All, PolicyContract, ::testing::ValuesIn(policy_cases()),
                         [](const auto& test) { return test.param.label; });

class TrustContract : public ::testing::TestWithParam<std::string> {};

TEST_P(TrustContract, JudgesEveryItemWithinZeroAndOne) {
  const auto context = small_context();
  const auto options = trust_family().make_options(GetParam());
  const auto estimator = trust_family().maker(GetParam())(*options, context);
  for (uint64_t step = 0; step < 4; ++step) {
    const auto batch = random_batch(8, context, step);
    const auto verdict = estimator->judge(batch);
    ASSERT_EQ(verdict.trust.sizes(), (at::IntArrayRef{8}));
    EXPECT_TRUE(verdict.trust.ge(0).logical_and(verdict.trust.le(1)).all().item<bool>());
    estimator->observe(batch, at::zeros({8, context.classes}, at::kDouble));
  }
  estimator->load_state(copy_of(estimator->state()));
}

INSTANTIATE_TEST_SUITE_P(All, TrustContract, ::testing::ValuesIn(trust_family().names()),
                         [](const auto& test) { return test.param; });

TEST(NoTrust, TrustsEveryLabel) {
  const auto options = trust_family().make_options("none");
  const auto verdict =
      trust_family().maker("none")(*options, small_context())->judge(random_batch(4, small_context(), 1));
  EXPECT_TRUE(verdict.trust.eq(1).all().item<bool>());
  EXPECT_FALSE(verdict.in_set.defined());
  EXPECT_LT(verdict.separation, 0) << "nothing is known";
}

TEST(GivenTargets, KeepsLabelsAndTrust) {
  const auto batch = random_batch(4, small_context(), 1);
  Verdict verdict;
  verdict.trust = at::tensor({1.0, 0.25, 0.5, 0.75}, at::TensorOptions(at::kDouble));
  Random random(1, "targets", 0);
  const auto targets = make_policy("given", small_context())->apply(batch, verdict, {}, random);
  EXPECT_TRUE(at::equal(targets.labels, batch.labels));
  EXPECT_TRUE(at::equal(targets.trust, verdict.trust));
  EXPECT_FALSE(targets.soft.defined());
}

}  // namespace
}  // namespace winnow::test
