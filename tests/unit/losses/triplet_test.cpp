// Triplets: every miner against loops, the losses over them by hand.
#include "losses/triplet.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <tuple>

#include "losses/dynamic_soft_margin.h"
#include "losses/margin_loss.h"
#include "tests/unit/losses/loss_support.h"
#include "tests/unit/losses/pair_reference.h"

namespace winnow::test {
namespace {

using Names = std::set<std::tuple<size_t, size_t, size_t>>;

PairView view_of(const LossBatch& batch) {
  PairView view;
  view.batch = &batch;
  view.z = view.partners = batch.z;
  view.labels = view.partner_labels = batch.labels;
  view.similarity = at::mm(batch.z, batch.z.t());
  const auto same = batch.labels.unsqueeze(1).eq(batch.labels.unsqueeze(0));
  view.positive = same.logical_and(at::eye(batch.z.size(0), same.options()).logical_not());
  view.negative = same.logical_not();
  return view;
}

Names names_of(const Triplets& t) {
  Names out;
  for (int64_t k = 0; k < t.size(); ++k) {
    const auto at = [&](const at::Tensor& x) { return static_cast<size_t>(x[k].item<int64_t>()); };
    out.emplace(at(t.anchor), at(t.positive), at(t.negative));
  }
  EXPECT_EQ(static_cast<int64_t>(out.size()), t.size()) << "a triplet came twice";
  return out;
}

Names mined(const LossBatch& batch, const std::string& miner, double margin = 0.2, double angle = 20) {
  TripletMiner options;
  options.miner = miner;
  options.miner_margin = margin;
  options.miner_angle = angle;
  return names_of(options.mine(view_of(batch), 3));
}

Names expected(const PlainBatch& b, const std::function<bool(size_t, size_t, size_t)>& keep) {
  Names out;
  for (size_t a = 0; a < b.size(); ++a)
    for (size_t p = 0; p < b.size(); ++p)
      for (size_t n = 0; n < b.size(); ++n)
        if (b.same(a, p) && b.differ(a, n) && keep(a, p, n)) out.emplace(a, p, n);
  return out;
}

TEST(TripletMiner, AgreesWithLoops) {
  const auto context = small_context();
  for (uint64_t seed = 1; seed < 6; ++seed) {
    const auto batch = random_batch(12, context, seed);
    const PlainBatch b(batch);
    const auto gap = [&](size_t a, size_t p, size_t n) { return b.distance(a, n) - b.distance(a, p); };
    EXPECT_EQ(mined(batch, "all"), expected(b, [](auto, auto, auto) { return true; }));
    EXPECT_EQ(mined(batch, "violating"), expected(b, [&](auto a, auto p, auto n) { return gap(a, p, n) <= 0.2; }));
    EXPECT_EQ(mined(batch, "hard"), expected(b, [&](auto a, auto p, auto n) { return gap(a, p, n) <= 0; }));
    EXPECT_EQ(mined(batch, "semihard"),
              expected(b, [&](auto a, auto p, auto n) { return gap(a, p, n) > 0 && gap(a, p, n) <= 0.2; }));
    EXPECT_EQ(mined(batch, "easy"), expected(b, [&](auto a, auto p, auto n) { return gap(a, p, n) > 0.2; }));
    EXPECT_EQ(mined(batch, "batch_hard"), expected(b, [&](size_t a, size_t p, size_t n) {
                for (size_t j = 0; j < b.size(); ++j) {
                  if (b.same(a, j) && b.distance(a, j) > b.distance(a, p)) return false;
                  if (b.differ(a, j) && b.distance(a, j) < b.distance(a, n)) return false;
                }
                return true;
              }));
    EXPECT_EQ(mined(batch, "batch_easy"), expected(b, [&](size_t a, size_t p, size_t n) {
                if (b.distance(a, n) <= b.distance(a, p)) return false;
                for (size_t j = 0; j < b.size(); ++j) {
                  if (b.same(a, j) && b.distance(a, j) < b.distance(a, p)) return false;
                  if (b.differ(a, j) && b.distance(a, j) > b.distance(a, p) && b.distance(a, j) < b.distance(a, n))
                    return false;
                }
                return true;
              }));
    EXPECT_EQ(mined(batch, "angular", 0.2, 30), expected(b, [&](size_t a, size_t p, size_t n) {
                double to_middle = 0;
                for (size_t d = 0; d < b.z[a].size(); ++d)
                  to_middle += std::pow(b.z[n][d] - (b.z[a][d] + b.z[p][d]) / 2, 2);
                return std::atan(b.distance(a, p) / (2 * std::sqrt(to_middle))) > M_PI / 6;
              }));
  }
}

TEST(TripletMiner, DistanceWeightedDrawsByOneOverTheDensity) {
  // Anchor 0 with a positive and two negatives at distances 0.8 and 1.2 in 4 dimensions: weights 1/q(d) =
  // d^-2 (1 - d^2/4)^-1/2; a third negative at 1.41 is never drawn.
  LossBatch batch;
  const auto at_distance = [](double d, int axis) {
    std::vector<double> out(4, 0.0);
    out[0] = 1 - d * d / 2;
    out[static_cast<size_t>(axis)] = std::sqrt(1 - out[0] * out[0]);
    return out;
  };
  std::vector<double> flat{1, 0, 0, 0};
  const std::vector<std::vector<double>> others{at_distance(0.3, 1), at_distance(0.8, 2), at_distance(1.2, 3),
                                                at_distance(1.41, 1)};
  for (const auto& z : others) flat.insert(flat.end(), z.begin(), z.end());
  batch.z = at::tensor(flat, at::TensorOptions(at::kDouble)).view({5, 4});
  batch.labels = at::tensor({0, 0, 1, 2, 3}, at::TensorOptions(at::kLong));
  batch.rows = at::arange(5, at::TensorOptions(at::kLong));
  TripletMiner options;
  options.miner = "distance_weighted";
  double near = 0;
  const int draws = 4000;
  for (batch.step = 0; batch.step < draws; ++batch.step) {
    const auto t = options.mine(view_of(batch), 3);
    ASSERT_EQ(t.size(), 2) << "one for each positive pair";
    const auto n = t.negative[0].item<int64_t>();
    ASSERT_TRUE(n == 2 || n == 3);
    near += n == 2;
  }
  const auto weight = [](double d) { return std::pow(d, -2) / std::sqrt(1 - d * d / 4); };
  const double share = weight(0.8) / (weight(0.8) + weight(1.2));
  EXPECT_NEAR(near / draws, share, 4 * std::sqrt(share * (1 - share) / draws));
}

TEST(TripletMiner, ADrawDoesNotDependOnTheOrderOfTheBatch) {
  const auto context = small_context();
  const auto batch = random_batch(10, context, 5);
  auto turned = batch;
  for (auto* t : {&turned.raw, &turned.z, &turned.labels, &turned.rows}) *t = t->flip(0);
  Names back;
  for (const auto& [a, p, n] : mined(turned, "distance_weighted")) back.emplace(9 - a, 9 - p, 9 - n);
  EXPECT_EQ(mined(batch, "distance_weighted"), back);
}

double all_triplets_mean(const PlainBatch& b, const std::function<double(size_t, size_t, size_t)>& f) {
  std::vector<double> values;
  for (const auto& [a, p, n] : expected(b, [](auto, auto, auto) { return true; })) values.push_back(f(a, p, n));
  return mean_of(values, true);
}

TEST(Triplet, AgreesWithLoops) {
  const auto context = small_context();
  for (uint64_t seed = 1; seed < 6; ++seed) {
    const auto batch = random_batch(10, context, seed);
    const PlainBatch b(batch);
    const auto value = [&](const Tweak& tweak) {
      return reduced(*make_loss("triplet", context, tweak), batch, given_targets(batch)).item<double>();
    };
    const auto x = [&](size_t a, size_t p, double to_negative) { return b.distance(a, p) - to_negative + 0.05; };
    EXPECT_NEAR(value(nullptr),
                all_triplets_mean(b, [&](auto a, auto p, auto n) { return std::max(0.0, x(a, p, b.distance(a, n))); }),
                1e-9);
    EXPECT_NEAR(
        value([](Options& o) { dynamic_cast<TripletOptions&>(o).soft = true; }),
        all_triplets_mean(b, [&](auto a, auto p, auto n) { return std::log1p(std::exp(x(a, p, b.distance(a, n)))); }),
        1e-9);
    EXPECT_NEAR(value([](Options& o) { dynamic_cast<TripletOptions&>(o).swap = true; }),
                all_triplets_mean(b,
                                  [&](auto a, auto p, auto n) {
                                    return std::max(0.0, x(a, p, std::min(b.distance(a, n), b.distance(p, n))));
                                  }),
                1e-9);
  }
}

TEST(Margin, AgreesWithLoopsAndLearnsItsBoundary) {
  const auto context = small_context();
  for (const char* learned : {"none", "shared", "class"}) {
    const Tweak tweak = [&](Options& o) {
      auto& margin = dynamic_cast<MarginLossOptions&>(o);
      margin.learn_beta = learned;
      margin.nu = 0.3;
    };
    const auto loss = make_loss("margin", context, tweak);
    const bool by_class = std::string(learned) == "class";
    for (uint64_t seed = 1; seed < 5; ++seed) {
      const auto batch = random_batch(10, context, seed);
      const PlainBatch b(batch);
      double sum = 0, active = 0, count = 0;
      for (const auto& [a, p, n] : expected(b, [](auto, auto, auto) { return true; })) {
        const double pull = b.distance(a, p) - 1.2 + 0.2, push = 1.2 - b.distance(a, n) + 0.2;
        sum += std::max(0.0, pull) + std::max(0.0, push);
        active += (pull > 0) + (push > 0);
        count += 1;
      }
      double value = active > 0 ? sum / active : 0;
      if (by_class && active > 0) value += 0.3 * 1.2 * count / active;
      if (std::string(learned) == "shared") value += 0.3 * 1.2;
      EXPECT_NEAR(reduced(*loss, batch, given_targets(batch)).item<double>(), value, 1e-9) << learned;
    }
    EXPECT_EQ(loss->parameters().size(), std::string(learned) == "none" ? 0u : 1u);
    if (loss->parameters().empty()) continue;
    const auto batch = random_batch(10, context, 2);
    const auto beta = loss->parameters()[0].second;
    EXPECT_EQ(beta.size(0), by_class ? 5 : 1);
    const auto exact = gradient(reduced(*loss, batch, given_targets(batch)), beta);
    const auto estimate =
        central_differences([&] { return reduced(*loss, batch, given_targets(batch)).item<double>(); }, beta);
    EXPECT_LT(largest_difference(exact, estimate), 1e-6);
  }
}

TEST(DynamicSoftMargin, WeighsTripletsByTheShareOfEasierOnes) {
  const auto context = small_context();
  const auto loss = make_loss("dynamic_soft_margin", context);
  std::vector<double> histogram(11, 0.0);
  for (uint64_t seed = 1; seed < 5; ++seed) {
    const auto batch = random_batch(9, context, seed);
    const PlainBatch b(batch);
    std::vector<double> gaps;
    for (const auto& [a, p, n] : expected(b, [](auto, auto, auto) { return true; }))
      gaps.push_back(b.distance(a, p) - b.distance(a, n));
    const double momentum = seed == 1 ? 1.0 : 0.01;
    double total = 0;
    for (auto& bin : histogram) bin *= 1 - momentum;
    for (const double gap : gaps) {
      const double place = (gap + 2) / 0.4;
      const auto left = static_cast<size_t>(place);
      histogram[left] += momentum * (1 - (place - static_cast<double>(left)));
      histogram[left + 1] += momentum * (place - static_cast<double>(left));
    }
    for (const double bin : histogram) total += bin;
    for (auto& bin : histogram) bin /= total;
    double sum = 0;
    for (const double gap : gaps) {
      double below = 0;
      for (size_t l = 0; l <= static_cast<size_t>((gap + 2) / 0.4); ++l) below += histogram[l];
      sum += below * gap;
    }
    EXPECT_NEAR(reduced(*loss, batch, given_targets(batch)).item<double>(), sum / static_cast<double>(gaps.size()),
                1e-9);
    loss->after_step(batch, given_targets(batch));
  }
}

TEST(DynamicSoftMargin, GradientWithItsWeightsStandingStill) {
  const auto context = small_context();
  const auto loss = make_loss("dynamic_soft_margin", context);
  const auto batch = random_batch(7, context, 3);
  const auto items = loss->forward(batch, given_targets(batch)).items[0];
  // Every triplet's weight, from its value; triplets come in the order of their names.
  const auto triplets = [&] {
    const PlainBatch b(batch);
    std::vector<double> gaps;
    for (const auto& [a, p, n] : expected(b, [](auto, auto, auto) { return true; }))
      gaps.push_back(b.distance(a, p) - b.distance(a, n));
    return gaps;
  };
  const auto start = triplets();
  ASSERT_EQ(items.values.size(0), static_cast<int64_t>(start.size()));
  std::vector<double> weights;
  for (size_t k = 0; k < start.size(); ++k)
    weights.push_back(items.values[static_cast<int64_t>(k)].item<double>() / start[k]);
  const auto value = [&] {
    const auto now = triplets();
    double sum = 0;
    for (size_t k = 0; k < now.size(); ++k) sum += weights[k] * now[k] / static_cast<double>(now.size());
    return sum;
  };
  // Distances from cosines and from differences agree on unit vectors only: compare along the sphere.
  const auto on_sphere = [&](const at::Tensor& slope) {
    const auto z = batch.z.detach();
    return slope - z * (slope * z).sum(1, true);
  };
  const auto exact = on_sphere(gradient(reduced(*loss, batch, given_targets(batch)), batch.z));
  const auto estimate = on_sphere(central_differences(value, batch.z));
  EXPECT_LT(largest_difference(exact, estimate), 1e-6 * (1 + exact.abs().max().item<double>()));
}

}  // namespace
}  // namespace winnow::test
