#include "losses/seccnn.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "losses/classification_loss.h"
#include "losses/cross_entropy.h"
#include "losses/normalized_softmax.h"
#include "tests/unit/losses/loss_support.h"

namespace winnow::test {
namespace {

LossContext context_of(int64_t items) {
  auto context = small_context();
  context.items = items;
  return context;
}

/// Guards off, P constant: the bare policy.
SeccnnOptions bare(double trust, const std::string& mode) {
  SeccnnOptions o;
  o.schedule.warmup = 0;
  o.schedule.floor = trust;
  o.schedule.half_life = 1e-4;
  o.mode = mode;
  o.balance = o.freeze_share = 0;
  return o;
}

LossBatch batch_of(int64_t size, int64_t label) {
  LossBatch batch;
  batch.z = at::full({size, 4}, 0.5, at::kDouble);
  batch.labels = at::full({size}, label, at::TensorOptions(at::kLong));
  batch.rows = at::arange(size, at::TensorOptions(at::kLong));
  batch.progress = 0.5;
  return batch;
}

at::Tensor scores_of(const std::vector<double>& one, int64_t size) {
  return at::tensor(one, at::TensorOptions(at::kDouble)).view({1, -1}).expand({size, -1}).contiguous();
}

/// Mean over `draws` calls of the gradient of the weighted cross entropy on the scores, one row a batch item.
at::Tensor mean_gradient(Seccnn& policy, const LossBatch& batch, const Verdict& verdict, const at::Tensor& scores,
                         int draws) {
  auto total = at::zeros_like(scores);
  const auto p = scores.softmax(1);
  for (int step = 0; step < draws; ++step) {
    Random random(5, "targets", static_cast<uint64_t>(step));
    const auto targets = policy.apply(batch, verdict, scores, random);
    const auto goal =
        targets.soft.defined() ? targets.soft : at::zeros_like(p).scatter(1, targets.labels.unsqueeze(1), 1.0);
    total += targets.trust.unsqueeze(1) * (p - goal);
  }
  return total / draws;
}

TEST(Seccnn, MeanOfTheDrawsIsHardBootstrapping) {
  const int64_t size = 1000;
  const auto batch = batch_of(size, 0);
  const auto scores = scores_of({1.0, 0.2, -0.5, 2.0, 0.0}, size);
  for (const double trust : {0.3, 0.8}) {
    Seccnn sampled(bare(trust, "sampled"), context_of(size)), expected(bare(trust, "expected"), context_of(size));
    const auto mean = mean_gradient(sampled, batch, {}, scores, 100).mean(0);  // 1e5 draws
    auto closed = scores[0].softmax(0).clone();
    closed[0] -= trust;
    closed[3] -= 1 - trust;
    EXPECT_LT(largest_difference(mean, closed), 1e-2);
    EXPECT_LT(largest_difference(mean_gradient(expected, batch, {}, scores, 1).mean(0), closed), 1e-12);
  }
}

TEST(Seccnn, ExpectedModeWeighsAsTheDrawsDo) {
  const int64_t size = 1000;
  const auto batch = batch_of(size, 0);
  const auto scores = scores_of({1.0, 0.2, -0.5, 2.0, 0.0}, size);
  Verdict verdict;
  verdict.trust = at::full({size}, 0.4, at::kDouble);
  Seccnn sampled(bare(0.7, "sampled"), context_of(size)), expected(bare(0.7, "expected"), context_of(size));
  const auto mean = mean_gradient(sampled, batch, verdict, scores, 100).mean(0);
  const auto closed = mean_gradient(expected, batch, verdict, scores, 1).mean(0);
  EXPECT_LT(largest_difference(mean, closed), 1e-2);
  EXPECT_NEAR(closed.sum().item<double>(), 0.0, 1e-12);
}

/// Gradient descent on the scores of one item under the expected targets; returns p at the end.
at::Tensor descend(double trust, std::vector<double> start) {
  Seccnn policy(bare(trust, "expected"), context_of(1));
  auto scores = scores_of(start, 1);
  const auto batch = batch_of(1, 0);
  for (int step = 0; step < 4000; ++step) {
    Random random(1, "targets", 0);
    const auto targets = policy.apply(batch, {}, scores, random);
    scores = scores - 0.5 * (scores.softmax(1) - targets.soft);
  }
  return scores.softmax(1)[0];
}

TEST(Seccnn, FixedPointIsTheTrustInTheGivenLabel) {
  const auto p = descend(0.3, {0, 0, 0, 1, 0});
  EXPECT_NEAR(p[0].item<double>(), 0.3, 1e-3);
  EXPECT_NEAR(p[3].item<double>(), 0.7, 1e-3);
}

TEST(Seccnn, AboveOneHalfTheGivenLabelIsMemorised) {
  const auto p = descend(0.6, {0, 0, 0, 4, 0});
  EXPECT_GT(p[0].item<double>(), 0.99);
}

TEST(Seccnn, WarmupKeepsEveryLabel) {
  SeccnnOptions options;  // all defaults
  Seccnn policy(options, context_of(20));
  auto batch = batch_of(20, 0);
  batch.progress = 0.03;
  Random random(1, "targets", 0);
  const auto targets = policy.apply(batch, {}, scores_of({0, 0, 0, 9, 0}, 20), random);
  EXPECT_TRUE(at::equal(targets.labels, batch.labels));
  EXPECT_EQ(policy.log().at("trust_in_given"), 1.0);
  EXPECT_EQ(policy.log().at("disagree"), 1.0);
  EXPECT_EQ(policy.log().at("swapped"), 0.0);
}

Targets apply_once(Seccnn& policy, const LossBatch& batch, const at::Tensor& scores, const Verdict& verdict = {}) {
  Random random(1, "targets", 0);
  return policy.apply(batch, verdict, scores, random);
}

TEST(Seccnn, AClassThatSwallowsTheOthersIsFrozen) {
  auto options = bare(0.0, "sampled");
  auto batch = batch_of(20, 0);
  batch.labels = at::arange(20, at::TensorOptions(at::kLong)).remainder(5);
  const auto scores = scores_of({0, 0, 0, 9, 0}, 20);
  Seccnn unguarded(options, context_of(20));
  EXPECT_TRUE(apply_once(unguarded, batch, scores).labels.eq(3).all().item<bool>());
  options.freeze_share = 3.0;
  Seccnn policy(options, context_of(20));
  EXPECT_TRUE(at::equal(apply_once(policy, batch, scores).labels, batch.labels));
  EXPECT_EQ(policy.log().at("frozen_classes"), 1.0);
  EXPECT_EQ(policy.log().at("disagree"), 0.8);
}

TEST(Seccnn, GateAsksForADistanceInCosine) {
  NormalizedSoftmax loss({}, context_of(2));
  auto options = bare(0.0, "sampled");
  options.gate = 0.15;
  Seccnn policy(options, context_of(2));
  policy.bind(&loss);
  // cosines: label 0.5 against 0.6 (too near) and 0.7
  const auto scores =
      20 * at::tensor({0.5, 0.0, 0.0, 0.6, 0.0, 0.5, 0.0, 0.0, 0.7, 0.0}, at::TensorOptions(at::kDouble)).view({2, 5});
  const auto targets = apply_once(policy, batch_of(2, 0), scores);
  EXPECT_EQ(targets.labels[0].item<int64_t>(), 0);
  EXPECT_EQ(targets.labels[1].item<int64_t>(), 3);
}

TEST(Seccnn, SwapsNothingWhileMostLabelsLookWrong) {
  auto options = bare(0.0, "sampled");
  options.rate_limit = 0.6;
  const auto swapped = [&](double rate) {
    Seccnn policy(options, context_of(4));
    Verdict verdict;
    verdict.rate_estimate = rate;
    Random random(5, "targets");
    return policy.apply(batch_of(4, 0), verdict, scores_of({0, 0, 0, 2, 0}, 4), random)
        .labels.ne(0)
        .sum()
        .item<int64_t>();
  };
  EXPECT_EQ(swapped(0.7), 0);
  EXPECT_EQ(swapped(0.5), 4);
  EXPECT_EQ(swapped(-1), 4) << "nothing is known";
}

TEST(Seccnn, OutliersAreDroppedInsteadOfSwapped) {
  NormalizedSoftmax loss({}, context_of(2));
  const auto scores =
      20 * at::tensor({0.0, 0.0, 0.0, 0.2, 0.0, 0.0, 0.0, 0.0, 0.7, 0.0}, at::TensorOptions(at::kDouble)).view({2, 5});
  for (const std::string mode : {"sampled", "expected"}) {
    auto options = bare(0.0, mode);
    options.outlier_cosine = 0.26;
    Seccnn policy(options, context_of(2));
    policy.bind(&loss);
    const auto targets = apply_once(policy, batch_of(2, 0), scores);
    EXPECT_EQ(targets.trust[0].item<double>(), 0.0) << mode;
    EXPECT_EQ(targets.labels[0].item<int64_t>(), 0) << mode;
    EXPECT_EQ(targets.trust[1].item<double>(), 1.0) << mode;
    EXPECT_EQ(targets.labels[1].item<int64_t>(), 3) << mode;
    EXPECT_EQ(policy.log().at("dropped"), 0.5) << mode;
  }
}

TEST(Seccnn, GateNeedsACosineHead) {
  auto options = bare(0.0, "sampled");
  options.gate = 0.1;
  Seccnn policy(options, context_of(2));
  CrossEntropy linear({}, context_of(2));
  EXPECT_EQ(code_of([&] { policy.bind(&linear); }), ErrorCode::kConfig);
  EXPECT_EQ(code_of([&] { policy.bind(nullptr); }), ErrorCode::kConfig);
}

TEST(Seccnn, APredictionMustBeStable) {
  auto options = bare(0.0, "sampled");
  options.stable = 2;
  Seccnn policy(options, context_of(1));
  const auto batch = batch_of(1, 0);
  const auto label = [&](std::vector<double> scores) {
    return apply_once(policy, batch, scores_of(scores, 1)).labels[0].item<int64_t>();
  };
  EXPECT_EQ(label({0, 0, 0, 9, 0}), 0);
  EXPECT_EQ(label({0, 0, 0, 9, 0}), 3);
  EXPECT_EQ(label({0, 9, 0, 0, 0}), 0);
  EXPECT_EQ(label({0, 9, 0, 0, 0}), 1);
}

TEST(Seccnn, EmaPredictionOutlivesOneOddOutput) {
  auto options = bare(0.0, "sampled");
  options.prediction = "ema";
  Seccnn policy(options, context_of(1));
  const auto batch = batch_of(1, 0);
  EXPECT_EQ(apply_once(policy, batch, scores_of({0, 0, 0, 9, 0}, 1)).labels[0].item<int64_t>(), 3);
  EXPECT_EQ(apply_once(policy, batch, scores_of({0, 9, 0, 0, 0}, 1)).labels[0].item<int64_t>(), 3);
}

TEST(Seccnn, TeacherPredictionComesFromTheTeachersEmbedding) {
  const auto context = context_of(20);
  NormalizedSoftmax loss({}, context);
  auto options = bare(0.0, "sampled");
  options.prediction = "teacher";
  Seccnn policy(options, context);
  policy.bind(&loss);
  auto batch = random_batch(6, context, 1);
  batch.z_teacher = random_batch(6, context, 2).z.detach();
  auto seen = batch;
  seen.z = batch.z_teacher;
  const auto targets = apply_once(policy, batch, loss.logits(batch).detach());
  EXPECT_TRUE(at::equal(targets.labels, loss.logits(seen).argmax(1)));
  batch.z_teacher = at::Tensor();
  EXPECT_EQ(code_of([&] { apply_once(policy, batch, loss.logits(batch).detach()); }), ErrorCode::kConfig);
}

TEST(Seccnn, PerItemTrustProtectsTrustedLabels) {
  const int64_t size = 2000;
  auto options = bare(0.2, "sampled");
  options.per_item = true;
  const auto batch = batch_of(size, 0);
  const auto scores = scores_of({0, 0, 0, 9, 0}, size);
  Verdict verdict;
  verdict.trust = at::cat({at::ones({1000}, at::kDouble), at::full({1000}, 0.5, at::kDouble)});
  Seccnn blind(options, context_of(size));
  EXPECT_NEAR(apply_once(blind, batch, scores, verdict).labels.eq(0).to(at::kDouble).mean().item<double>(), 0.2, 0.03)
      << "an estimator that knows nothing protects nothing";
  verdict.separation = 2.0;
  Seccnn policy(options, context_of(size));
  const auto targets = apply_once(policy, batch, scores, verdict);
  EXPECT_TRUE(targets.labels.narrow(0, 0, 1000).eq(0).all().item<bool>());
  EXPECT_NEAR(targets.labels.narrow(0, 1000, 1000).eq(0).to(at::kDouble).mean().item<double>(), 0.6, 0.05);
  EXPECT_TRUE(targets.trust.eq(1).all().item<bool>());
}

TEST(Seccnn, SwappedItemsCountInFullAndOpenSetOnesNot) {
  Seccnn policy(bare(0.0, "sampled"), context_of(3));
  auto batch = batch_of(3, 0);
  batch.labels[1] = 3;  // agrees with the prediction
  Verdict verdict;
  verdict.trust = at::full({3}, 0.4, at::kDouble);
  verdict.in_set = at::tensor({1, 1, 0}, at::TensorOptions(at::kInt)).to(at::kBool);
  const auto targets = apply_once(policy, batch, scores_of({0, 0, 0, 9, 0}, 3), verdict);
  EXPECT_EQ(targets.trust[0].item<double>(), 1.0);
  EXPECT_EQ(targets.trust[1].item<double>(), 0.4);
  EXPECT_EQ(targets.trust[2].item<double>(), 0.0);
}

TEST(Seccnn, NeedsScoresAndRows) {
  Seccnn policy(bare(0.5, "sampled"), context_of(3));
  EXPECT_EQ(code_of([&] { apply_once(policy, batch_of(3, 0), {}); }), ErrorCode::kConfig);
  EXPECT_EQ(code_of([&] { apply_once(policy, batch_of(3, 0), at::zeros({3, 4})); }), ErrorCode::kShape);
  auto nameless = batch_of(3, 0);
  nameless.rows = at::Tensor();
  EXPECT_EQ(code_of([&] { apply_once(policy, nameless, scores_of({0, 0, 0, 9, 0}, 3)); }), ErrorCode::kShape);
}

TEST(Seccnn, DefaultsCarryBothGuards) {
  const SeccnnOptions options;
  EXPECT_GT(options.balance, 0);
  EXPECT_EQ(options.freeze_share, 3);
  Seccnn policy(options, context_of(3));
  EXPECT_TRUE(policy.regulariser(at::zeros({3, 5}, at::kDouble)).defined());
  Seccnn off(bare(0.5, "sampled"), context_of(3));
  EXPECT_FALSE(off.regulariser(at::zeros({3, 5}, at::kDouble)).defined());
}

}  // namespace
}  // namespace winnow::test
