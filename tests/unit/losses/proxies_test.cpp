// Proxies and other losses with class vectors that are no margin heads, in loops.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "losses/instance.h"
#include "losses/proxy_nca.h"
#include "tests/unit/losses/loss_support.h"

namespace winnow::test {
namespace {

double cosine(const at::Tensor& a, const at::Tensor& b) {
  double dot = 0, na = 0, nb = 0;
  for (int64_t d = 0; d < a.size(0); ++d) {
    const double x = a[d].item<double>(), y = b[d].item<double>();
    dot += x * y, na += x * x, nb += y * y;
  }
  return dot / std::sqrt(na * nb);
}

struct Proxies {
  std::unique_ptr<Loss> loss;
  LossBatch batch;
  at::Tensor weight() const { return loss->parameters()[0].second.detach(); }
  double cos(int64_t i, int64_t c) const { return cosine(batch.z.detach()[i], weight()[c]); }
  int64_t label(int64_t i) const { return batch.labels[i].item<int64_t>(); }
  double value() { return reduced(*loss, batch, given_targets(batch)).item<double>(); }
};

Proxies make(const char* name, uint64_t seed, const Tweak& tweak = nullptr) {
  const auto context = small_context();
  return {make_loss(name, context, tweak), random_batch(7, context, seed)};
}

TEST(ProxyNca, BothDenominators) {
  for (uint64_t seed = 1; seed < 5; ++seed)
    for (const bool all : {true, false}) {
      auto p = make("proxy_nca", seed, [&](Options& o) {
        auto& nca = dynamic_cast<ProxyNcaOptions&>(o);
        nca.scale = 3, nca.denominator = all ? "all" : "others";
      });
      double sum = 0;
      for (int64_t i = 0; i < 7; ++i) {
        double below = 0;
        for (int64_t c = 0; c < 5; ++c)
          if (all || c != p.label(i)) below += std::exp(-3 * (2 - 2 * p.cos(i, c)));
        sum += std::log(below) + 3 * (2 - 2 * p.cos(i, p.label(i)));
      }
      EXPECT_NEAR(p.value(), sum / 7, 1e-9);
    }
}

TEST(ProxyNca, OthersNeedsTwoClasses) {
  auto context = small_context();
  context.classes = 1;
  ProxyNcaOptions options;
  options.denominator = "others";
  EXPECT_EQ(code_of([&] { ProxyNca(options, context); }), ErrorCode::kConfig);
}

TEST(ProxyAnchor, AgreesWithLoops) {
  for (uint64_t seed = 1; seed < 5; ++seed) {
    auto p = make("proxy_anchor", seed);
    double pull = 0, push = 0;
    std::set<int64_t> present;
    for (int64_t c = 0; c < 5; ++c) {
      double own = 0, other = 0;
      for (int64_t i = 0; i < 7; ++i) {
        if (p.label(i) == c)
          own += std::exp(-32 * (p.cos(i, c) - 0.1)), present.insert(c);
        else
          other += std::exp(32 * (p.cos(i, c) + 0.1));
      }
      pull += std::log1p(own), push += std::log1p(other);
    }
    EXPECT_NEAR(p.value(), pull / static_cast<double>(present.size()) + push / 5, 1e-8);
  }
}

TEST(ProxyAnchor, AnUntrustedPicturePullsNoProxy) {
  auto p = make("proxy_anchor", 2);
  p.batch.labels = at::tensor({0, 0, 1, 1, 2, 2, 3}, at::TensorOptions(at::kLong));
  auto targets = given_targets(p.batch);
  targets.trust = at::tensor({1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0}, at::TensorOptions(at::kDouble));
  const auto result = p.loss->forward(p.batch, targets);
  EXPECT_EQ(result.log.at("classes_in_batch"), 3);
  double push = 0, pull = 0;
  for (int64_t c = 0; c < 5; ++c) {
    double own = 0, other = 0;
    for (int64_t i = 0; i < 7; ++i) {
      if (p.label(i) != c)
        other += std::exp(32 * (p.cos(i, c) + 0.1));
      else if (i != 6)
        own += std::exp(-32 * (p.cos(i, c) - 0.1));
    }
    pull += std::log1p(own), push += std::log1p(other);
  }
  EXPECT_NEAR(result.items[0].values.item<double>(), pull / 3 + push / 5, 1e-8);
}

TEST(P2sGrad, IsTheMeanSquaredError) {
  auto p = make("p2sgrad", 3);
  double sum = 0;
  for (int64_t i = 0; i < 7; ++i)
    for (int64_t c = 0; c < 5; ++c) sum += std::pow(p.cos(i, c) - (p.label(i) == c ? 1 : 0), 2);
  EXPECT_NEAR(p.value(), sum / 35, 1e-12);
}

TEST(Instance, ClassifiesPicturesByTheirRows) {
  auto p = make("instance", 4);
  ASSERT_EQ(p.weight().size(0), 20);
  double sum = 0;
  for (int64_t i = 0; i < 7; ++i) {
    double all = 0;
    for (int64_t r = 0; r < 20; ++r) all += std::exp(64 * (p.cos(i, r) - 1));
    sum += std::log(all) - 64 * (p.cos(i, p.batch.rows[i].item<int64_t>()) - 1);
  }
  EXPECT_NEAR(p.value(), sum / 7, 1e-8);
  const double before = p.value();
  p.batch.labels = at::zeros_like(p.batch.labels);
  EXPECT_EQ(p.value(), before) << "labels are not used";
  p.batch.rows = p.batch.rows + 20;
  EXPECT_EQ(code_of([&] { p.value(); }), ErrorCode::kData);
}

}  // namespace
}  // namespace winnow::test
