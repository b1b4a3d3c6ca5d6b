#include "losses/dividemix.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "losses/gaussian_mixture.h"
#include "tests/support/expect_error.h"
#include "tests/unit/losses/loss_support.h"

namespace winnow::test {
namespace {

using Change = std::function<void(DivideMixOptions&)>;
using Rows = std::vector<std::vector<double>>;

constexpr int64_t kItems = 24, kClasses = 3;

/// Ten epochs of four steps; one epoch of warm-up.
LossContext context() {
  LossContext out;
  out.items = kItems;
  out.classes = kClasses;
  out.dim = 4;
  out.steps_per_epoch = 4;
  out.total_steps = 40;
  return out;
}

std::unique_ptr<DivideMix> make(const Change& change = nullptr) {
  DivideMixOptions options;
  if (change) change(options);
  return std::make_unique<DivideMix>(options, context());
}

at::Tensor longs(const std::vector<int64_t>& values) { return at::tensor(values, at::TensorOptions(at::kLong)); }

at::Tensor random_tensor(int64_t rows, uint64_t seed) {
  Random random(seed, "dividemix test");
  auto out = at::zeros({rows, kClasses}, at::kDouble);
  for (int64_t i = 0; i < out.numel(); ++i) out.mutable_data_ptr<double>()[i] = random.normal();
  return out;
}

Rows rows_of(const at::Tensor& t) {
  Rows out;
  for (int64_t i = 0; i < t.size(0); ++i) {
    auto& row = out.emplace_back();
    for (int64_t k = 0; k < t.size(1); ++k) row.push_back(t[i][k].item<double>());
  }
  return out;
}

std::vector<double> softmax(const std::vector<double>& logits) {
  std::vector<double> out;
  double sum = 0;
  for (const double x : logits) sum += std::exp(x);
  for (const double x : logits) out.push_back(std::exp(x) / sum);
  return out;
}

std::vector<double> sharpened(std::vector<double> p, double temperature) {
  double sum = 0;
  for (auto& x : p) sum += x = std::pow(x, 1 / temperature);
  for (auto& x : p) x /= sum;
  return p;
}

/// All pictures once, labels i mod 3; picture i's label has the margin given over the other two classes.
PeerBatch batch_of(const std::vector<double>& margins_a, const std::vector<double>& margins_b) {
  const auto logits = [](const std::vector<double>& margins) {
    auto out = at::zeros({kItems, kClasses}, at::kDouble);
    for (int64_t i = 0; i < kItems; ++i) out[i][i % kClasses] = margins[static_cast<size_t>(i)];
    return out;
  };
  PeerBatch out;
  out.rows = at::arange(kItems, at::TensorOptions(at::kLong));
  out.labels = out.rows.remainder(kClasses);
  out.logits_a = logits(margins_a);
  out.logits_b = logits(margins_b);
  return out;
}

/// Every `period`-th picture contradicts its label; a little spread within both groups.
std::vector<double> margins(int64_t period) {
  std::vector<double> out;
  for (int64_t i = 0; i < kItems; ++i) out.push_back((i % period == 0 ? -3.0 : 3.0) + 0.02 * static_cast<double>(i));
  return out;
}

double loss_of(double margin) { return std::log(std::exp(margin) + 2) - margin; }

/// w by a mixture over losses that were scaled to [0, 1].
std::vector<double> clean_by(const std::vector<double>& values) {
  std::vector<double> scaled;
  for (const double m : values) scaled.push_back(loss_of(m));
  const auto [low, high] = std::minmax_element(scaled.begin(), scaled.end());
  const double least = *low, range = *high - *low;
  for (auto& x : scaled) x = (x - least) / range;
  const auto mixture = fit_two_gaussians(scaled);
  std::vector<double> out;
  for (const double x : scaled) out.push_back(1 - mixture.high_posterior(x));
  return out;
}

TEST(DivideMix, MeanOverViewsAndSharpenByHand) {
  const auto p = at::tensor({0.2, 0.8, 0.5, 0.5, 0.6, 0.4}, at::kDouble).view({3, 2});
  const auto mean = mean_over_views(p, longs({7, 3, 7}));
  EXPECT_NEAR(mean[0][0].item<double>(), 0.4, 1e-15);
  EXPECT_NEAR(mean[1][0].item<double>(), 0.5, 1e-15);
  EXPECT_TRUE(at::equal(mean[0], mean[2]));
  const auto sharp = sharpen(p, 0.5);  // squares: 0.04 and 0.64
  EXPECT_NEAR(sharp[0][0].item<double>(), 0.04 / 0.68, 1e-12);
  EXPECT_NEAR(sharp[1][0].item<double>(), 0.5, 1e-12);
  const auto certain = sharpen(at::tensor({0.0, 1.0}, at::kDouble).view({1, 2}), 0.01);
  EXPECT_EQ(certain[0][1].item<double>(), 1.0);
}

TEST(DivideMix, EachRefinesAndGuessesByTheOthersSplit) {
  const auto rule = make([](auto& o) { o.p_threshold = 0.4; });
  rule->judge(batch_of(margins(4), margins(3)));
  rule->end_epoch(0);
  const auto clean_a = clean_by(margins(4)), clean_b = clean_by(margins(3));

  PeerBatch now;  // pictures 0 (doubted by both), 3 (by b), 4 (by a) and 5, two views each
  now.rows = longs({0, 3, 4, 5, 0, 3, 4, 5});
  now.labels = now.rows.remainder(kClasses);
  now.logits_a = random_tensor(8, 1);
  now.logits_b = random_tensor(8, 2);
  const auto taught = rule->teach(now);
  EXPECT_EQ(taught.alpha, 4.0);
  const auto logits_a = rows_of(now.logits_a), logits_b = rows_of(now.logits_b);
  int64_t labelled = 0;
  for (size_t i = 0; i < 8; ++i) {
    const auto row = static_cast<size_t>(now.rows[static_cast<int64_t>(i)].item<int64_t>());
    const auto mean = [&](const Rows& logits) {
      const auto one = softmax(logits[i % 4]), two = softmax(logits[i % 4 + 4]);
      return std::vector<double>{(one[0] + two[0]) / 2, (one[1] + two[1]) / 2, (one[2] + two[2]) / 2};
    };
    const auto a = mean(logits_a), b = mean(logits_b);
    for (const auto& [lesson, own, w] :
         {std::tuple{taught.a, a, clean_b[row]}, std::tuple{taught.b, b, clean_a[row]}}) {
      std::vector<double> q(3);
      for (size_t k = 0; k < 3; ++k) q[k] = w > 0.4 ? w * (k == row % 3) + (1 - w) * own[k] : (a[k] + b[k]) / 2;
      q = sharpened(q, 0.5);
      const auto place = static_cast<int64_t>(i);
      EXPECT_EQ(lesson.labelled[place].template item<double>(), w > 0.4);
      labelled += w > 0.4;
      for (size_t k = 0; k < 3; ++k)
        EXPECT_NEAR(lesson.soft[place][static_cast<int64_t>(k)].template item<double>(), q[k], 1e-9) << i << " " << k;
    }
  }
  EXPECT_EQ(labelled, 8);  // of a: 4 and 5; of b: 3 and 5; two views each
  EXPECT_FALSE(taught.a.soft.requires_grad());
}

TEST(DivideMix, BlendedTermIsTheErrorOnUnlabelledPlacesAndTheBalance) {
  // 12 items of 3 classes: the balance term looks at this batch alone.
  const auto logits = random_tensor(12, 5).set_requires_grad(true);
  const Lesson blended{random_tensor(12, 6).softmax(1), at::arange(12).remainder(3).eq(0).to(at::kDouble)};
  const int64_t step = 4 + 32;  // 8 of the 16 epochs of the ramp
  const auto rule = make([](auto& o) { o.balance = 0.7; });
  const auto term = rule->blended_term(step, 0, logits, blended);
  const auto p = rows_of(logits.detach()), q = rows_of(blended.soft);
  double error = 0, mean[3] = {0, 0, 0}, balance = 0;
  for (size_t i = 0; i < 12; ++i) {
    const auto own = softmax(p[i]);
    for (size_t k = 0; k < 3; ++k) {
      mean[k] += own[k] / 12;
      if (i % 3 != 0) error += (own[k] - q[i][k]) * (own[k] - q[i][k]) / (8 * 3);
    }
  }
  for (const double m : mean) balance += std::log((1.0 / 3) / m) / 3;
  EXPECT_NEAR(term.item<double>(), 12.5 * error + 0.7 * balance, 1e-9);
  term.backward();
  EXPECT_GT(logits.grad().abs().min().item<double>(), 0);

  const auto off = make([](auto& o) { o.balance = 0; });
  EXPECT_EQ(off->blended_term(step, 1, logits, {blended.soft, at::ones({12}, at::kDouble)}).item<double>(), 0);
}

TEST(DivideMix, WarmsUpForWholeEpochsAndRampsTheUnlabelledWeight) {
  const auto rule = make([](auto& o) { o.warmup = 0.15; });  // 1.5 of 10 epochs
  EXPECT_EQ(rule->teacher(7), nullptr);
  EXPECT_EQ(rule->teacher(8), rule.get());
  EXPECT_EQ(rule->unlabelled_weight(8), 0);
  EXPECT_EQ(rule->unlabelled_weight(8 + 16), 25.0 / 4);
  EXPECT_EQ(rule->unlabelled_weight(8 + 640), 25);
  EXPECT_EQ(make([](auto& o) { o.warmup = 0; })->teacher(3), nullptr);  // never less than one epoch
  EXPECT_EQ(make([](auto& o) { o.warmup = 0.3; })->teacher(11), nullptr);
  EXPECT_NE(make([](auto& o) { o.warmup = 0.3; })->teacher(12), nullptr);
  EXPECT_EQ(make([](auto& o) { o.ramp_epochs = 0; })->unlabelled_weight(5), 25);
}

TEST(DivideMix, ConfidencePenaltyIsTheNegativeEntropyOfTheWarmUp) {
  const auto rule = make([](auto& o) { o.confidence_penalty = 2; });
  auto batch = batch_of(std::vector<double>(kItems, 0.0), std::vector<double>(kItems, 0.0));
  batch.logits_a.set_requires_grad(true);
  const auto verdict = rule->judge(batch);
  EXPECT_NEAR(verdict.extra.item<double>(), -2 * 2 * std::log(3.0), 1e-12);
  EXPECT_TRUE(verdict.extra.requires_grad());
  EXPECT_EQ(verdict.weight_a.sum().item<double>(), kItems);
  EXPECT_FALSE(make()->judge(batch).extra.defined());
}

TEST(DivideMix, RemembersLossesAndTellsWhatItBelieves) {
  const auto rule = make([](auto& o) { o.keep = 0.75; });
  EXPECT_TRUE(std::isnan(rule->table()->score[0].item<double>()));
  EXPECT_TRUE(rule->log().empty());
  rule->judge(batch_of(margins(4), margins(4)));
  rule->end_epoch(0);
  const auto log = rule->log();
  EXPECT_NEAR(log.at("rate_estimate"), 0.25, 0.01);
  EXPECT_GT(log.at("separation"), 5);
  const auto table = *rule->table();
  EXPECT_NEAR(table.score[5].item<double>(), -loss_of(margins(4)[5]), 1e-6);
  EXPECT_EQ(table.trust.lt(0.5).sum().item<int64_t>(), kItems / 4);
  rule->judge(batch_of(std::vector<double>(kItems, 0.0), margins(4)));
  const double a = 0.75 * loss_of(margins(4)[5]) + 0.25 * std::log(3.0), b = loss_of(margins(4)[5]);
  EXPECT_NEAR(rule->table()->score[5].item<double>(), -(a + b) / 2, 1e-6);
}

TEST(DivideMix, BelievesAllLabelsWhereLossesDoNotSplit) {
  const auto same = make();
  same->judge(batch_of(std::vector<double>(kItems, 1.0), std::vector<double>(kItems, 1.0)));
  same->end_epoch(0);
  EXPECT_EQ(same->table()->trust.min().item<double>(), 1);
  EXPECT_EQ(same->log().at("rate_estimate"), 0);

  std::vector<double> one_group;
  for (int64_t i = 0; i < kItems; ++i) one_group.push_back(0.1 * static_cast<double>(i));
  const auto guarded = make([](auto&o) { o.separation = 6; }), paper = make();
  for (auto* rule : {guarded.get(), paper.get()}) {
    rule->judge(batch_of(one_group, one_group));
    rule->end_epoch(0);
  }
  EXPECT_EQ(guarded->table()->trust.min().item<double>(), 1);
  EXPECT_LT(paper->table()->trust.min().item<double>(), 0.5);
  EXPECT_LT(guarded->log().at("separation"), 6);
}

TEST(DivideMix, NeedsPicturesAndKnowsTheirNumber) {
  test::error_of(ErrorCode::kConfig, [] { DivideMix({}, {}); });
  auto batch = batch_of(margins(4), margins(4));
  batch.rows = batch.rows + 1;
  test::error_of(ErrorCode::kData, [&] { make()->judge(batch); });
}

}  // namespace
}  // namespace winnow::test
