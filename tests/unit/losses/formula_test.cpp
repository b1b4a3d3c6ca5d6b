// Experiment A of losses.md 8.4 for the losses that are formulas of log p: each against plain double loops written from
// the papers, their slopes against central differences of those loops, and where they meet each other.
#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "losses/apl.h"
#include "losses/bounded.h"
#include "losses/elr.h"
#include "losses/pencil.h"
#include "losses/random_partners.h"
#include "losses/softened.h"
#include "losses/transition.h"
#include "tests/unit/losses/formula_reference.h"
#include "tests/unit/losses/loss_support.h"

namespace winnow::test {
namespace {

/// Half-way through training, default options, 2 to 20 classes.
std::map<std::string, Reference> references() {
  return {
      {"mae", mae},
      {"gce", [](auto& o, size_t y) { return (1 - std::pow(p_of(o, y), 0.7)) / 0.7; }},
      {"truncated_gce", [](auto& o, size_t y) { return (1 - std::pow(std::max(p_of(o, y), 0.5), 0.7)) / 0.7; }},
      {"rce", rce},
      {"sce", [](auto& o, size_t y) { return 0.1 * ce(o, y) + rce(o, y); }},
      {"taylor_ce", [](auto& o, size_t y) { return mae(o, y) + mae(o, y) * mae(o, y) / 2; }},
      {"agce", [](auto& o, size_t y) { return agce(o, y, 0.6, 0.6); }},
      {"aul", [](auto& o, size_t y) { return aul(o, y, 5.5, 3); }},
      {"ael", [](auto& o, size_t y) { return std::exp(-p_of(o, y) / 2.5); }},
      {"nce", nce},
      {"nfl", nfl},
      {"apl", [](auto& o, size_t y) { return nce(o, y) + rce(o, y); }},
      {"nce_rce", [](auto& o, size_t y) { return nce(o, y) + rce(o, y); }},
      {"nce_mae", [](auto& o, size_t y) { return nce(o, y) + mae(o, y); }},
      {"nfl_rce", [](auto& o, size_t y) { return nfl(o, y) + rce(o, y); }},
      {"nfl_mae", [](auto& o, size_t y) { return nfl(o, y) + mae(o, y); }},
      {"nce_agce", [](auto& o, size_t y) { return nce(o, y) + 4 * agce(o, y, 6, 1.5); }},
      {"nce_aul", [](auto& o, size_t y) { return nce(o, y) + 4 * aul(o, y, 6.3, 1.5); }},
      {"nce_ael", [](auto& o, size_t y) { return nce(o, y) + 4 * std::exp(-p_of(o, y) / 5); }},
      {"label_smoothing",
       [](auto& o, size_t y) { return 0.9 * ce(o, y) + 0.1 * total_ce(o) / static_cast<double>(o.size()); }},
      {"focal", [](auto& o, size_t y) { return focal(o, y, 0.5); }},
      {"bootstrap_soft", [](auto& o, size_t y) { return 0.95 * ce(o, y) + 0.05 * entropy(o); }},
      {"bootstrap_hard", [](auto& o, size_t y) { return 0.8 * ce(o, y) + 0.2 * ce(o, largest(o)); }},
      {"eps_softmax", eps_softmax},
      {"logit_clip", clipped},
      {"cores", cores},
      {"forward", forward},
      {"backward", backward},
      {"sop", sop_at_start},
  };
}

/// Linear head with W = I and no bias: the raw embedding is the vector of scores.
std::unique_ptr<Loss> on_scores(const std::string& name, int64_t classes, const Tweak& tweak = nullptr) {
  auto context = small_context();
  context.classes = context.dim = classes;
  auto loss = make_loss(name, context, [&](Options& options) {
    dynamic_cast<HeadOptions&>(options).head = "linear";
    if (tweak) tweak(options);
  });
  const at::NoGradGuard no_grad;
  auto parameters = loss->parameters();
  parameters[0].second.copy_(at::eye(classes, at::kDouble));
  parameters[1].second.zero_();
  return loss;
}

LossBatch scores_batch(const at::Tensor& scores, const at::Tensor& labels) {
  LossBatch batch;
  batch.raw = scores.detach().clone().requires_grad_(true);
  batch.z = batch.raw.detach() / batch.raw.detach().norm(2, 1, true).clamp_min(1e-12);
  batch.labels = labels;
  batch.rows = at::arange(labels.size(0), at::kLong);
  batch.progress = 0.5;
  return batch;
}

LossBatch random_scores(int64_t size, int64_t classes, uint64_t seed) {
  auto generator = at::detail::createCPUGenerator(seed);
  const auto spread = at::linspace(0.1, 6.0, size, at::kDouble).unsqueeze(1);
  return scores_batch(at::randn({size, classes}, generator, at::TensorOptions(at::kDouble)) * spread,
                      at::randint(classes, {size}, generator, at::TensorOptions(at::kLong)));
}

Row row_of(const LossBatch& batch, int64_t i) {
  const auto row = batch.raw.detach()[i].contiguous();
  return {row.const_data_ptr<double>(), row.const_data_ptr<double>() + row.numel()};
}

size_t label_of(const LossBatch& batch, int64_t i) { return static_cast<size_t>(batch.labels[i].item<int64_t>()); }

at::Tensor values_of(const std::string& name, const LossBatch& batch, const Tweak& tweak = nullptr) {
  return first_values(*on_scores(name, batch.raw.size(1), tweak), batch, given_targets(batch)).detach();
}

template <typename O>
Tweak set(std::function<void(O&)> change) {
  return [change](Options& options) { change(dynamic_cast<O&>(options)); };
}

class Formula : public ::testing::TestWithParam<std::string> {
 protected:
  Reference reference_ = references().at(GetParam());
};

TEST_P(Formula, ValueAndSlopeAreThoseOfPlainLoops) {
  for (const int64_t classes : {2, 3, 10, 20}) {
    const auto batch = random_scores(17, classes, static_cast<uint64_t>(classes));
    const auto loss = on_scores(GetParam(), classes);
    const auto values = first_values(*loss, batch, given_targets(batch));
    const auto slope = gradient(values.sum(), batch.raw);
    for (int64_t i = 0; i < 17; ++i) {
      auto o = row_of(batch, i);
      const auto y = label_of(batch, i);
      const double expected = reference_(o, y);
      ASSERT_NEAR(values[i].item<double>(), expected, 1e-9 * (1 + std::abs(expected))) << classes << " row " << i;
      for (size_t k = 0; k < o.size(); ++k) {
        const double here = o[k], step = 1e-5;
        o[k] = here + step;
        const double above = reference_(o, y);
        o[k] = here - step;
        const double below = reference_(o, y);
        o[k] = here;
        ASSERT_NEAR(slope[i][static_cast<int64_t>(k)].item<double>(), (above - below) / (2 * step), 2e-6)
            << classes << " row " << i << " class " << k;
      }
    }
  }
}

TEST_P(Formula, IsFiniteAtExtremes) {
  for (const int64_t classes : {1, 2, 10, 10000})
    for (const double height : {0.0, 40.0, 800.0, 1e4}) {
      const auto one = at::zeros({4, classes}, at::kDouble);
      one.select(1, classes - 1).fill_(height);
      for (const auto dtype : {at::kFloat, at::kDouble}) {
        auto context = small_context(dtype);
        context.classes = context.dim = classes;
        if (classes == 10000) context.dim = 2;
        const auto loss = make_loss(GetParam(), context, set<HeadOptions>([](auto& o) { o.head = "linear"; }));
        {
          const at::NoGradGuard no_grad;
          if (classes < 10000) loss->parameters()[0].second.copy_(at::eye(classes));
        }
        for (const double sign : {1.0, -1.0})
          for (const bool own : {true, false}) {
            auto batch = scores_batch((sign * one).to(dtype).narrow(1, classes - context.dim, context.dim),
                                      at::full({4}, own ? classes - 1 : 0, at::kLong));
            const auto values = first_values(*loss, batch, given_targets(batch));
            EXPECT_TRUE(values.isfinite().all().item<bool>()) << classes << " " << sign * height << " " << own;
            EXPECT_TRUE(gradient(values.sum(), batch.raw).isfinite().all().item<bool>())
                << classes << " " << sign * height << " " << own;
          }
      }
    }
}

std::vector<std::string> names_of(const std::map<std::string, Reference>& all) {
  std::vector<std::string> out;
  for (const auto& [name, reference] : all) out.push_back(name);
  return out;
}

INSTANTIATE_TEST_SUITE_P(All, Formula, ::testing::ValuesIn(names_of(references())),
                         [](const auto& test) { return test.param; });

struct Identity {
  std::string what, a;
  Tweak tweak_a;
  std::string b;
  Tweak tweak_b;
};

TEST(FormulaLimits, LossesMeetWhereTheyShould) {
  const auto plain = set<LabelSmoothingOptions>([](auto& o) { o.rate = 0; });
  const std::vector<Identity> identities = {
      {"GCE q -> 0 is CE", "gce", set<GceOptions>([](auto& o) { o.q = 1e-9; }), "label_smoothing", plain},
      {"GCE q = 1 is MAE", "gce", set<GceOptions>([](auto& o) { o.q = 1; }), "mae", nullptr},
      {"truncated GCE k = 0 is GCE", "truncated_gce", set<TruncatedGceOptions>([](auto& o) { o.k = 0; }), "gce",
       nullptr},
      {"truncated GCE before its start is GCE", "truncated_gce",
       set<TruncatedGceOptions>([](auto& o) { o.start = 0.6; }), "gce", nullptr},
      {"SCE without RCE is CE", "sce", set<SceOptions>([](auto& o) {
         o.alpha = 1;
         o.beta = 0;
       }),
       "label_smoothing", plain},
      {"Taylor of one term is MAE", "taylor_ce", set<TaylorOptions>([](auto& o) { o.terms = 1; }), "mae", nullptr},
      {"AGCE a -> 0 is GCE", "agce", set<AgceOptions>([](auto& o) {
         o.a = 1e-9;
         o.q = 0.7;
       }),
       "gce", nullptr},
      {"AUL q = 1 is MAE", "aul", set<AulOptions>([](auto& o) { o.q = 1; }), "mae", nullptr},
      {"NFL gamma = 0 is NCE", "nfl", set<NflOptions>([](auto& o) { o.gamma = 0; }), "nce", nullptr},
      {"focal gamma = 0 is CE", "focal", set<FocalOptions>([](auto& o) { o.gamma = 0; }), "label_smoothing", plain},
      {"soft bootstrapping beta = 1 is CE", "bootstrap_soft", set<BootstrapSoftOptions>([](auto& o) { o.beta = 1; }),
       "label_smoothing", plain},
      {"hard bootstrapping beta = 1 is CE", "bootstrap_hard", set<BootstrapHardOptions>([](auto& o) { o.beta = 1; }),
       "label_smoothing", plain},
      {"eps-softmax m = 0 without MAE is CE", "eps_softmax", set<EpsSoftmaxOptions>([](auto& o) { o.m = o.beta = 0; }),
       "label_smoothing", plain},
      {"a clip beyond all scores is CE", "logit_clip", set<LogitClipOptions>([](auto& o) { o.logit_clip = 1e5; }),
       "label_smoothing", plain},
      {"CORES without term and sieve is CE", "cores", set<CoresOptions>([](auto& o) {
         o.beta = 0;
         o.sieve = 1;
       }),
       "label_smoothing", plain},
      {"peer before its start is CE", "peer", set<PeerLossOptions>([](auto& o) { o.start = 0.6; }), "label_smoothing",
       plain},
      {"forward without noise is CE", "forward", set<ForwardOptions>([](auto& o) { o.rate = 0; }), "label_smoothing",
       plain},
      {"backward without noise is CE", "backward", set<BackwardOptions>([](auto& o) { o.rate = 0; }), "label_smoothing",
       plain},
      {"ELR lambda = 0 is CE", "elr", set<ElrOptions>([](auto& o) { o.lambda = 0; }), "label_smoothing", plain},
      {"PENCIL in its first stage is CE", "pencil", set<PencilOptions>([](auto& o) { o.start = 0.6; }),
       "label_smoothing", plain},
      {"a clip option clips any loss", "label_smoothing", set<LabelSmoothingOptions>([](auto& o) {
         o.rate = 0;
         o.logit_clip = 1.5;
       }),
       "logit_clip", nullptr},
  };
  const auto batch = random_scores(40, 10, 5);
  for (const auto& one : identities)
    EXPECT_LT(largest_difference(values_of(one.a, batch, one.tweak_a), values_of(one.b, batch, one.tweak_b)), 1e-6)
        << one.what;
}

TEST(FormulaLimits, ManyTaylorTermsAreCrossEntropy) {
  const auto batch = scores_batch(at::tensor({1.0, 0.0, -1.0}).view({1, 3}).to(at::kDouble), at::zeros({1}, at::kLong));
  const auto taylor = values_of("taylor_ce", batch, set<TaylorOptions>([](auto& o) { o.terms = 60; }));
  EXPECT_NEAR(taylor.item<double>(), ce(row_of(batch, 0), 0), 1e-12);
}

TEST(Apl, TakesThePublishedWeightsOfManyClassesAboveTwenty) {
  const auto batch = random_scores(6, 21, 3);
  const auto values = values_of("nce_rce", batch), agce_values = values_of("nce_agce", batch);
  for (int64_t i = 0; i < 6; ++i) {
    const auto o = row_of(batch, i);
    const auto y = label_of(batch, i);
    EXPECT_NEAR(values[i].item<double>(), 10 * nce(o, y) + 0.1 * rce(o, y), 1e-9);
    EXPECT_NEAR(agce_values[i].item<double>(), 10 * nce(o, y) + 0.1 * agce(o, y, 1.8, 3), 1e-9);
  }
}

TEST(NegativeSmoothing, PushesTheOtherClassesAway) {
  const auto batch = random_scores(6, 4, 8);
  const auto values = values_of("label_smoothing", batch, set<LabelSmoothingOptions>([](auto& o) { o.rate = -2; }));
  for (int64_t i = 0; i < 6; ++i)
    EXPECT_NEAR(values[i].item<double>(),
                3 * ce(row_of(batch, i), label_of(batch, i)) - 2 * total_ce(row_of(batch, i)) / 4, 1e-9);
}

TEST(Backward, IsUnbiasedUnderItsNoise) {
  const auto batch = random_scores(5, 4, 9);
  auto targets = given_targets(batch);
  // the mean over noisy labels of a true class
  targets.soft = at::full({5, 4}, 0.2 / 3, at::kDouble).scatter(1, batch.labels.unsqueeze(1), 0.8);
  const auto values = first_values(*on_scores("backward", 4), batch, targets);
  for (int64_t i = 0; i < 5; ++i) EXPECT_NEAR(values[i].item<double>(), ce(row_of(batch, i), label_of(batch, i)), 1e-9);
}

TEST(Transition, AnchorsBecomeRowsAfterTheStart) {
  const auto anchored = set<ForwardOptions>([](auto& o) { o.transition = "anchor"; });
  const auto loss = on_scores("forward", 2, anchored);
  // picture 0 is surest of class 0 (0.9, 0.1), picture 1 of class 1 (0.25, 0.75)
  const auto p = at::tensor({0.9, 0.1, 0.25, 0.75}, at::TensorOptions(at::kDouble)).view({2, 2});
  auto batch = scores_batch(p.log(), at::tensor({0, 1}, at::TensorOptions(at::kLong)));
  batch.progress = 0.15;
  EXPECT_NEAR(first_values(*loss, batch, given_targets(batch))[0].item<double>(), -std::log(0.9), 1e-12);
  loss->after_step(batch, given_targets(batch));
  batch.progress = 0.5;
  EXPECT_NEAR(first_values(*loss, batch, given_targets(batch))[0].item<double>(), -std::log(0.9 * 0.9 + 0.1 * 0.25),
              1e-12);
}

TEST(Transition, RefusesARateAtWhichLabelsSayNothing) {
  EXPECT_EQ(code_of([] { on_scores("forward", 2, set<ForwardOptions>([](auto& o) { o.rate = 0.5; })); }),
            ErrorCode::kConfig);
}

double peer_ce(const Row& o, size_t y) { return std::min(ce(o, y), -std::log(1e-8)); }

TEST(Peer, TakesAwayTheLossOfAnotherPairOfTheBatch) {
  const auto batch = random_scores(6, 4, 10);
  const auto values = values_of("peer", batch, set<PeerLossOptions>([](auto& o) { o.alpha = 0.5; }));
  double expected = 0, sum = 0;
  for (int64_t i = 0; i < 6; ++i) {
    bool found = false;
    for (int64_t j = 0; j < 6; ++j)
      for (int64_t k = 0; k < 6; ++k)
        found |= std::abs(values[i].item<double>() - ce(row_of(batch, i), label_of(batch, i)) +
                          0.5 * peer_ce(row_of(batch, j), label_of(batch, k))) < 1e-9;
    EXPECT_TRUE(found) << i;
    sum += values[i].item<double>();
  }
  // Every picture is somebody's peer once and every label too.
  const auto item = drawn_order(batch, 3, "peer input"), label = drawn_order(batch, 3, "peer label");
  for (int64_t i = 0; i < 6; ++i)
    expected += ce(row_of(batch, i), label_of(batch, i)) -
                0.5 * peer_ce(row_of(batch, item[i].item<int64_t>()), label_of(batch, label[i].item<int64_t>()));
  EXPECT_NEAR(sum, expected, 1e-9);
}

TEST(Nlnl, PushesARandomOtherClassDown) {
  auto batch = random_scores(8, 5, 11);
  std::set<size_t> drawn;
  for (batch.step = 0; batch.step < 20; ++batch.step) {
    const auto values = values_of("nlnl", batch);
    for (int64_t i = 0; i < 8; ++i) {
      size_t match = 99;
      for (size_t c = 0; c < 5; ++c)
        if (c != label_of(batch, i) &&
            std::abs(values[i].item<double>() + std::log(std::max(1 - p_of(row_of(batch, i), c), 1e-5))) < 1e-9)
          match = c;
      ASSERT_NE(match, 99u) << "step " << batch.step << " item " << i;
      if (i == 0) drawn.insert(match);
    }
  }
  EXPECT_EQ(drawn.size(), 4u) << "in 20 steps every other class comes up";
}

TEST(Elr, HandWorkedOverTwoVisits) {
  const auto loss = on_scores("elr", 2);
  const auto p = at::tensor({0.8, 0.2}, at::TensorOptions(at::kDouble)).view({1, 2});
  const auto batch = scores_batch(p.log(), at::ones({1}, at::kLong));
  // q = 0.3 p at the first visit, 0.7 * 0.3 p + 0.3 p at the second
  const double agreement = 0.8 * 0.8 + 0.2 * 0.2;
  const auto value = [&] { return first_values(*loss, batch, given_targets(batch)).item<double>(); };
  EXPECT_NEAR(value(), -std::log(0.2) + 3 * std::log(1 - 0.3 * agreement), 1e-9);
  EXPECT_NEAR(value(), -std::log(0.2) + 3 * std::log(1 - 0.3 * agreement), 1e-9) << "reading twice changes nothing";
  loss->after_step(batch, given_targets(batch));
  EXPECT_NEAR(value(), -std::log(0.2) + 3 * std::log(1 - 0.51 * agreement), 1e-9);
}

TEST(Elr, SlopeHoldsTheAverageFast) {
  const auto batch = random_scores(6, 4, 12);
  const auto loss = on_scores("elr", 4);
  const auto slope = gradient(first_values(*loss, batch, given_targets(batch)).sum(), batch.raw);
  for (int64_t i = 0; i < 6; ++i) {
    auto o = row_of(batch, i);
    Row q = softmax_of(o);
    double mass = 0;
    for (double& x : q) mass += x = std::clamp(x, 1e-4, 1 - 1e-4);
    const auto value = [&] {
      double agreement = 0;
      const auto p = softmax_of(o);
      for (size_t k = 0; k < 4; ++k) agreement += 0.3 * q[k] / mass * std::clamp(p[k], 1e-4, 1 - 1e-4);
      return ce(o, label_of(batch, i)) + 3 * std::log(1 - agreement);
    };
    for (size_t k = 0; k < 4; ++k) {
      const double here = o[k];
      o[k] = here + 1e-5;
      const double above = value();
      o[k] = here - 1e-5;
      const double below = value();
      o[k] = here;
      EXPECT_NEAR(slope[i][static_cast<int64_t>(k)].item<double>(), (above - below) / 2e-5, 1e-6);
    }
  }
}

TEST(Pencil, HandWorkedSecondStageAndItsLabelStep) {
  const auto loss = on_scores("pencil", 2, set<PencilOptions>([](auto& o) { o.lambda = 2; }));
  const auto p = at::tensor({0.8, 0.2}, at::TensorOptions(at::kDouble)).view({1, 2});
  const auto batch = scores_batch(p.log(), at::ones({1}, at::kLong));
  const double d1 = 1 / (1 + std::exp(-10.0)), d0 = 1 - d1;  // softmax of (0, 10)
  const auto value_at = [](double a, double b) {
    return 0.8 * std::log(0.8 / a) + 0.2 * std::log(0.2 / b) - 0.4 * std::log(b) -
           0.1 * (0.8 * std::log(0.8) + 0.2 * std::log(0.2));
  };
  const auto values = first_values(*loss, batch, given_targets(batch));
  EXPECT_NEAR(values.item<double>(), value_at(d0, d1), 1e-9);
  values.sum().backward();
  loss->after_step(batch, given_targets(batch));
  // d/dt of -sum p log d is d - p; of -0.4 log d_1 is 0.4 (d - e_1)
  const double t0 = -2 * ((d0 - 0.8) + 0.4 * d0), t1 = 10 - 2 * ((d1 - 0.2) + 0.4 * (d1 - 1));
  const double n0 = 1 / (1 + std::exp(t1 - t0));
  EXPECT_NEAR(first_values(*loss, batch, given_targets(batch)).item<double>(), value_at(n0, 1 - n0), 1e-9);
}

}  // namespace
}  // namespace winnow::test
