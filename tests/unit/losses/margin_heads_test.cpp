// Margin heads against their formulas in plain double loops, limit identities, and state.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <cmath>

#include "losses/adaface.h"
#include "losses/arcface.h"
#include "losses/boundaryface.h"
#include "losses/combined_margin.h"
#include "losses/cosface.h"
#include "losses/curricularface.h"
#include "losses/elasticface.h"
#include "losses/magface.h"
#include "losses/noise_tolerant.h"
#include "losses/normalized_softmax.h"
#include "losses/partial_fc.h"
#include "losses/sface.h"
#include "losses/soft_triple.h"
#include "losses/sphereface.h"
#include "losses/subcentre_arcface.h"
#include "tests/unit/losses/loss_support.h"

namespace winnow::test {
namespace {

using Row = std::vector<double>;

/// Cosines of every item with every row of the class vectors.
std::vector<Row> cosines(const LossBatch& batch, const at::Tensor& weight) {
  std::vector<Row> out;
  for (int64_t i = 0; i < batch.z.size(0); ++i) {
    out.emplace_back();
    for (int64_t j = 0; j < weight.size(0); ++j) {
      double dot = 0, norm = 0;
      for (int64_t d = 0; d < weight.size(1); ++d) {
        const double w = weight[j][d].item<double>();
        dot += batch.z[i][d].item<double>() * w;
        norm += w * w;
      }
      out.back().push_back(dot / std::sqrt(norm));
    }
  }
  return out;
}

Row norms(const LossBatch& batch) {
  Row out;
  for (int64_t i = 0; i < batch.raw.size(0); ++i) {
    double sum = 0;
    for (int64_t d = 0; d < batch.raw.size(1); ++d) sum += std::pow(batch.raw[i][d].item<double>(), 2);
    out.push_back(std::sqrt(sum));
  }
  return out;
}

/// -log softmax of scale * scores at y, in the plain way.
double softmax_loss(const Row& scores, size_t y, double scale) {
  const double most = *std::max_element(scores.begin(), scores.end());
  double sum = 0;
  for (const double s : scores) sum += std::exp(scale * (s - most));
  return std::log(sum) - scale * (scores[y] - most);
}

double arc(double cosine, double m) {
  const double theta = std::acos(cosine);
  return theta > M_PI - m ? cosine - m * std::sin(m) : std::cos(theta + m);
}

/// Values of a loss whose target score is psi(i, cos) and whose other scores are phi(i, j, cos, psi).
Row softmax_values(
    const LossBatch& batch, const at::Tensor& weight, double scale, const std::function<double(size_t, double)>& psi,
    const std::function<double(double, double)>& phi = [](double c, double) { return c; }) {
  Row out;
  const auto all = cosines(batch, weight);
  for (size_t i = 0; i < all.size(); ++i) {
    const auto y = static_cast<size_t>(batch.labels[static_cast<int64_t>(i)].item<int64_t>());
    const double own = psi(i, all[i][y]);
    Row scores;
    for (size_t j = 0; j < all[i].size(); ++j) scores.push_back(j == y ? own : phi(all[i][j], own));
    out.push_back(softmax_loss(scores, y, scale));
  }
  return out;
}

void expect_values(Loss& loss, const LossBatch& batch, const Row& expected, const char* name) {
  const auto values = first_values(loss, batch, given_targets(batch));
  ASSERT_EQ(values.size(0), static_cast<int64_t>(expected.size()));
  for (size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(values[static_cast<int64_t>(i)].item<double>(), expected[i], 1e-8 * (1 + std::abs(expected[i])))
        << name << ", item " << i;
}

const at::Tensor& weight_of(Loss& loss) {
  static at::Tensor kept;
  kept = loss.parameters()[0].second.detach();
  return kept;
}

TEST(MarginHeads, AgreeWithLoops) {
  const auto context = small_context();
  for (uint64_t seed = 1; seed < 6; ++seed) {
    const auto batch = random_batch(8, context, seed);
    const auto arcface = make_loss("arcface", context);
    expect_values(*arcface, batch,
                  softmax_values(batch, weight_of(*arcface), 64, [](auto, double c) { return arc(c, 0.5); }),
                  "arcface");
    const auto cosface = make_loss("cosface", context);
    expect_values(*cosface, batch,
                  softmax_values(batch, weight_of(*cosface), 64, [](auto, double c) { return c - 0.35; }), "cosface");
    const auto combined = make_loss("combined_margin", context, [](Options& o) {
      auto& c = dynamic_cast<CombinedMarginOptions&>(o);
      c.m1 = 0.9, c.m2 = 0.4, c.m3 = 0.15;
    });
    expect_values(*combined, batch,
                  softmax_values(batch, weight_of(*combined), 64,
                                 [](auto, double c) {
                                   const double angle = 0.9 * std::acos(c) + 0.4;
                                   return (angle < M_PI ? std::cos(angle) : c - std::cos((M_PI - 0.4) / 0.9) - 1) -
                                          0.15;
                                 }),
                  "combined_margin");
    const auto length = norms(batch);
    const auto magface = make_loss("magface", context, [](Options& o) {
      auto& m = dynamic_cast<MagFaceOptions&>(o);
      m.low_norm = 1, m.high_norm = 6;
    });
    const auto held = [&](size_t i) { return std::clamp(length[i], 1.0, 6.0); };
    auto expected = softmax_values(batch, weight_of(*magface), 64,
                                   [&](size_t i, double c) { return arc(c, 0.45 + 0.35 / 5 * (held(i) - 1)); });
    for (size_t i = 0; i < expected.size(); ++i) expected[i] += 35 * (held(i) / 36 + 1 / held(i));
    expect_values(*magface, batch, expected, "magface");
  }
}

double multiplied(double cosine, int m) {
  const double theta = std::acos(cosine), k = std::min(std::floor(m * theta / M_PI), m - 1.0);
  return (static_cast<int>(k) % 2 == 0 ? 1 : -1) * std::cos(m * theta) - 2 * k;
}

TEST(MarginHeads, SphereFaceAgreesWithLoops) {
  const auto context = small_context();
  for (const double blend : {0.0, 5.0}) {
    const auto loss = make_loss("large_margin_softmax", context, [&](Options& o) {
      auto& s = dynamic_cast<SphereFaceOptions&>(o);
      s.blend = 0, s.least_blend = blend;
    });
    const auto batch = random_batch(8, context, 3);
    const auto& weight = weight_of(*loss);
    const auto all = cosines(batch, weight);
    const auto length = norms(batch);
    Row expected;
    for (size_t i = 0; i < all.size(); ++i) {
      const auto y = static_cast<size_t>(batch.labels[static_cast<int64_t>(i)].item<int64_t>());
      Row scores;
      for (size_t j = 0; j < all[i].size(); ++j) {
        const double c = all[i][j], psi = (blend * c + multiplied(c, 4)) / (1 + blend);
        scores.push_back((j == y ? psi : c) * length[i] * weight[static_cast<int64_t>(j)].norm().item<double>());
      }
      expected.push_back(softmax_loss(scores, y, 1));
    }
    expect_values(*loss, batch, expected, "large_margin_softmax");
  }
}

TEST(MarginHeads, LimitsAreNormalizedSoftmax) {
  const auto context = small_context();
  const auto batch = random_batch(8, context, 2);
  const auto plain = make_loss("normalized_softmax", context,
                               [](Options& o) { dynamic_cast<NormalizedSoftmaxOptions&>(o).scale = 64; });
  const auto expected = first_values(*plain, batch, given_targets(batch));
  const auto check = [&](const char* name, const Tweak& tweak) {
    const auto loss = make_loss(name, context, tweak);
    EXPECT_LT(largest_difference(first_values(*loss, batch, given_targets(batch)), expected), 1e-6) << name;
  };
  check("arcface", [](Options& o) { dynamic_cast<ArcFaceOptions&>(o).margin = 0; });
  check("cosface", [](Options& o) { dynamic_cast<CosFaceOptions&>(o).margin = 0; });
  check("combined_margin", [](Options& o) {
    auto& c = dynamic_cast<CombinedMarginOptions&>(o);
    c.m2 = c.m3 = 0;
  });
  check("sphereface", [](Options& o) {
    auto& s = dynamic_cast<SphereFaceOptions&>(o);
    s.margin = 1, s.scale = 64, s.feature_norm = false;
  });
  check("adaface", [](Options& o) { dynamic_cast<AdaFaceOptions&>(o).margin = 0; });
  check("magface", [](Options& o) {
    auto& m = dynamic_cast<MagFaceOptions&>(o);
    m.low_margin = m.high_margin = m.norm_weight = 0;
  });
  check("elasticface", [](Options& o) {
    auto& e = dynamic_cast<ElasticFaceOptions&>(o);
    e.margin = e.deviation = 0;
  });
  check("subcentre_arcface", [](Options& o) {
    auto& s = dynamic_cast<SubCentreArcFaceOptions&>(o);
    s.margin = 0, s.centres = 1;
  });
  check("soft_triple", [](Options& o) {
    auto& s = dynamic_cast<SoftTripleOptions&>(o);
    s.margin = 0, s.centres = 1, s.scale = 64;
  });
  check("partial_fc", [](Options& o) {
    auto& p = dynamic_cast<PartialFcOptions&>(o);
    p.margin = 0, p.share = 1;
  });
  check("boundaryface", [](Options& o) {
    auto& b = dynamic_cast<BoundaryFaceOptions&>(o);
    b.margin = 0, b.scale = 64, b.relabel_start = 1, b.hard_weight = 0;
  });
}

TEST(MarginHeads, LimitsAreArcFace) {
  const auto context = small_context();
  const auto batch = random_batch(8, context, 4);
  const auto arcface = make_loss("arcface", context);
  const auto expected = first_values(*arcface, batch, given_targets(batch));
  const auto check = [&](const char* name, const Tweak& tweak) {
    const auto loss = make_loss(name, context, tweak);
    EXPECT_LT(largest_difference(first_values(*loss, batch, given_targets(batch)), expected), 1e-6) << name;
  };
  check("subcentre_arcface", [](Options& o) { dynamic_cast<SubCentreArcFaceOptions&>(o).centres = 1; });
  check("elasticface", [](Options& o) { dynamic_cast<ElasticFaceOptions&>(o).deviation = 0; });
  check("partial_fc", [](Options& o) { dynamic_cast<PartialFcOptions&>(o).share = 1; });
  check("magface", [](Options& o) {
    auto& m = dynamic_cast<MagFaceOptions&>(o);
    m.low_margin = m.high_margin = 0.5, m.norm_weight = 0;
  });
  check("arcface", [](Options& o) { dynamic_cast<ArcFaceOptions&>(o).filter = 0.9999999; });
}

TEST(MarginHeads, TheFilterSetsNearStrangersToZero) {
  const auto context = small_context();
  const auto loss = make_loss("cosface", context, [](Options& o) { dynamic_cast<CosFaceOptions&>(o).filter = 0.3; });
  const auto batch = random_batch(10, context, 5);
  expect_values(*loss, batch,
                softmax_values(
                    batch, weight_of(*loss), 64, [](auto, double c) { return c - 0.35; },
                    [](double c, double) { return c > 0.3 ? 0.0 : c; }),
                "filter");
}

TEST(CurricularFace, HardStrangersAreReweightedByTheRunningMean) {
  const auto context = small_context();
  const auto loss = make_loss("curricularface", context);
  double t = 0;
  for (uint64_t seed = 1; seed < 5; ++seed) {
    const auto batch = random_batch(8, context, seed);
    const auto all = cosines(batch, weight_of(*loss));
    double mean = 0;
    for (size_t i = 0; i < all.size(); ++i)
      mean += all[i][static_cast<size_t>(batch.labels[static_cast<int64_t>(i)].item<int64_t>())] / 8;
    t = 0.01 * mean + 0.99 * t;
    const auto phi = [&](double c, double psi) { return c > psi ? c * (t + c) : c; };
    const auto psi = [](auto, double c) { return arc(c, 0.5); };
    expect_values(*loss, batch, softmax_values(batch, weight_of(*loss), 64, psi, phi), "curricularface");
    // With t standing still backward is the slope.
    const auto exact = gradient(reduced(*loss, batch, given_targets(batch)), batch.z);
    const auto estimate = central_differences(
        [&] {
          const auto values = softmax_values(batch, weight_of(*loss), 64, psi, phi);
          double sum = 0;
          for (const double v : values) sum += v / 8;
          return sum;
        },
        batch.z);
    EXPECT_LT(largest_difference(exact, estimate), 1e-5 * (1 + exact.abs().max().item<double>()));
    loss->after_step(batch, given_targets(batch));
  }
  EXPECT_NEAR(loss->state()[0].second.item<double>(), t, 1e-12);
}

TEST(AdaFace, TheMarginFollowsTheNorm) {
  const auto context = small_context();
  const auto loss = make_loss("adaface", context, [](Options& o) { dynamic_cast<AdaFaceOptions&>(o).average = 0.5; });
  double mean = 20, deviation = 100;
  for (uint64_t seed = 1; seed < 6; ++seed) {
    const auto batch = random_batch(8, context, seed);
    const auto length = norms(batch);
    double now = 0, squares = 0;
    for (const double n : length) now += n / 8;
    for (const double n : length) squares += (n - now) * (n - now) / 7;
    mean = 0.5 * mean + 0.5 * now;
    deviation = 0.5 * deviation + 0.5 * std::sqrt(squares);
    const auto psi = [&](size_t i, double c) {
      const double g = std::clamp(0.333 * (length[i] - mean) / (deviation + 1e-3), -1.0, 1.0);
      const double angle = std::clamp(std::acos(std::clamp(c, -1 + 1e-3, 1 - 1e-3)) - 0.4 * g, 1e-3, M_PI - 1e-3);
      return std::cos(angle) - (0.4 + 0.4 * g);
    };
    expect_values(*loss, batch, softmax_values(batch, weight_of(*loss), 64, psi), "adaface");
    const auto exact = gradient(reduced(*loss, batch, given_targets(batch)), batch.z);
    const auto estimate =
        central_differences([&] { return reduced(*loss, batch, given_targets(batch)).item<double>(); }, batch.z);
    EXPECT_LT(largest_difference(exact, estimate), 1e-5 * (1 + exact.abs().max().item<double>()))
        << "g depends on raw alone, so z has its slope";
    EXPECT_EQ(gradient(reduced(*loss, batch, given_targets(batch)), batch.raw).abs().max().item<double>(), 0.0);
    loss->after_step(batch, given_targets(batch));
  }
  LossBatch bare = random_batch(4, context, 9);
  bare.raw = at::Tensor();
  EXPECT_EQ(code_of([&] { loss->forward(bare, given_targets(bare)); }), ErrorCode::kShape);
}

TEST(ElasticFace, DrawsAreNormalAndFixedByRowAndStep) {
  auto context = small_context();
  context.items = 4000;
  const auto loss = make_loss("elasticface", context, [](Options& o) {
    auto& e = dynamic_cast<ElasticFaceOptions&>(o);
    e.kind = "cos", e.margin = 0.35, e.scale = 1;
  });
  auto batch = random_batch(4000, context, 1);
  const auto at_step = [&](int64_t step) {
    batch.step = step;
    return first_values(*loss, batch, given_targets(batch)).detach();
  };
  const auto first = at_step(0);
  EXPECT_TRUE(same_bits(first, at_step(0)));
  EXPECT_FALSE(same_bits(first, at_step(1)));
  // One class and scale 1: the value is log(1 + (sum others) e^{-(c - m)}), so m comes back from it.
  const auto all = cosines(batch, weight_of(*loss));
  double mean = 0, square = 0;
  for (size_t i = 0; i < all.size(); ++i) {
    const auto y = static_cast<size_t>(batch.labels[static_cast<int64_t>(i)].item<int64_t>());
    double others = 0;
    for (size_t j = 0; j < all[i].size(); ++j)
      if (j != y) others += std::exp(all[i][j]);
    const double m = all[i][y] + std::log(std::expm1(first[static_cast<int64_t>(i)].item<double>()) / others);
    mean += m / 4000, square += m * m / 4000;
  }
  EXPECT_NEAR(mean, 0.35, 4 * 0.05 / std::sqrt(4000));
  EXPECT_NEAR(std::sqrt(square - mean * mean), 0.05, 0.003);
}

TEST(SFace, ValueAndGatedGradient) {
  const auto context = small_context();
  const auto loss = make_loss("sface", context);
  const auto batch = random_batch(8, context, 3);
  const auto start = cosines(batch, weight_of(*loss));
  const auto gate = [](double x) { return 1 / (1 + std::exp(-80 * x)); };
  // Gates stand where they are at the start; the cosines move.
  const auto values = [&] {
    Row out;
    const auto now = cosines(batch, weight_of(*loss));
    for (size_t i = 0; i < now.size(); ++i) {
      const auto y = static_cast<size_t>(batch.labels[static_cast<int64_t>(i)].item<int64_t>());
      double sum = -64 * gate(std::acos(start[i][y]) - 0.8) * now[i][y];
      for (size_t j = 0; j < now[i].size(); ++j)
        if (j != y) sum += 64 * gate(1.23 - std::acos(start[i][j])) * now[i][j];
      out.push_back(sum);
    }
    return out;
  };
  expect_values(*loss, batch, values(), "sface");
  const auto exact = gradient(reduced(*loss, batch, given_targets(batch)), batch.z);
  const auto estimate = central_differences(
      [&] {
        double sum = 0;
        for (const double v : values()) sum += v / 8;
        return sum;
      },
      batch.z);
  EXPECT_LT(largest_difference(exact, estimate), 1e-6 * (1 + exact.abs().max().item<double>()));
}

TEST(SubCentreArcFace, OutliersAreFarFromTheDominantVector) {
  auto context = small_context();
  context.classes = 1;
  context.dim = 2;
  SubCentreArcFace loss({}, context);
  const at::NoGradGuard no_grad;
  const auto at_degrees = [](std::vector<double> angles) {
    std::vector<double> flat;
    for (const double a : angles) flat.push_back(std::cos(a * M_PI / 180)), flat.push_back(std::sin(a * M_PI / 180));
    return at::tensor(flat, at::TensorOptions(at::kDouble)).view({-1, 2});
  };
  loss.parameters()[0].second.copy_(at_degrees({0, 100, 200}));
  const auto z = at_degrees({5, -10, 60, -74, -76, 100, 95, -100});
  const auto labels = at::zeros({8}, at::TensorOptions(at::kLong));
  // 0 degrees is chosen by 5, -10, -74, -76 (and 60 goes to 100? no: 40 from 100, 60 from 0), so it dominates.
  const auto expected = at::tensor({0, 0, 0, 0, 1, 1, 1, 1}, at::TensorOptions(at::kLong)).to(at::kBool);
  EXPECT_TRUE(at::equal(loss.outliers(z, labels), expected)) << loss.outliers(z, labels);
}

TEST(SubCentreArcFace, DropsOnlyFromItsStart) {
  auto context = small_context();
  context.classes = 2;
  context.dim = 2;
  SubCentreArcFaceOptions options;
  options.drop_start = 0.5;
  options.centres = 2;
  options.scale = 1;  // so that no loss is 0 by itself
  SubCentreArcFace loss(options, context);
  {
    const at::NoGradGuard no_grad;
    loss.parameters()[0].second.copy_(at::tensor({1.0, 0.0, -1.0, 0.0, 0.0, 1.0, 0.0, -1.0}).view({4, 2}));
  }
  LossBatch batch;
  batch.z = at::tensor({1.0, 0.0, 1.0, 0.0, -1.0, 0.0}, at::TensorOptions(at::kDouble)).view({3, 2});
  batch.labels = at::zeros({3}, at::TensorOptions(at::kLong));
  batch.progress = 0.6;
  const auto dropped = [&] { return first_values(loss, batch, given_targets(batch)).eq(0).sum().item<int64_t>(); };
  EXPECT_EQ(dropped(), 0) << "nothing is known of the class yet";
  loss.after_step(batch, given_targets(batch));
  EXPECT_EQ(dropped(), 1) << "the third picture sits at the other vector";
  batch.progress = 0.4;
  EXPECT_EQ(dropped(), 0);
}

TEST(BoundaryFace, RelabelsBeyondTheBoundaryOnly) {
  auto context = small_context();
  context.classes = context.dim = 2;
  BoundaryFaceOptions options;
  options.margin = 0.3;
  options.scale = 4;
  options.hard_weight = 2;
  BoundaryFace loss(options, context);
  {
    const at::NoGradGuard no_grad;
    loss.parameters()[0].second.copy_(at::eye(2));
  }
  const auto value = [&](double theta, double progress) {
    LossBatch batch;
    batch.z = at::tensor({std::cos(theta), std::sin(theta)}, at::TensorOptions(at::kDouble)).view({1, 2});
    batch.labels = at::zeros({1}, at::TensorOptions(at::kLong));
    batch.progress = progress;
    return first_values(loss, batch, given_targets(batch)).item<double>();
  };
  const auto of = [&](double own, double other) {  // angles to the label in force and to the other class
    const double psi = std::cos(own + 0.3);
    return std::log1p(std::exp(4 * (std::cos(other) - psi))) + 2 * std::max(0.0, std::cos(other) - psi);
  };
  const double quarter = M_PI / 2;
  // 0.9 rad from class 0, 0.67 from class 1: nearer to 1, but not by the margin (0.67 + 0.3 > 0.9).
  EXPECT_NEAR(value(0.9, 0.5), of(0.9, quarter - 0.9), 1e-12);
  // 1.2 and 0.37: 0.37 + 0.3 < 1.2, so class 1 it is, from its start on.
  EXPECT_NEAR(value(1.2, 0.5), of(quarter - 1.2, 1.2), 1e-12);
  EXPECT_NEAR(value(1.2, 0.1), of(1.2, quarter - 1.2), 1e-12);
}

TEST(PartialFc, SeesItsOwnClassAndTheDrawnOnes) {
  auto context = small_context();
  context.classes = 40;
  const auto loss =
      make_loss("partial_fc", context, [](Options& o) { dynamic_cast<PartialFcOptions&>(o).share = 0.25; });
  auto batch = random_batch(6, context, 2);
  const auto touched = [&](int64_t step) {
    batch.step = step;
    const auto slope = gradient(reduced(*loss, batch, given_targets(batch)), loss->parameters()[0].second);
    return slope.abs().sum(1) > 0;
  };
  EXPECT_EQ(loss->forward(batch, given_targets(batch)).log.at("classes_seen"), 10);
  const auto first = touched(0);
  EXPECT_LE(first.sum().item<int64_t>(), 16);
  EXPECT_TRUE(first.index_select(0, batch.labels).all().item<bool>());
  EXPECT_TRUE(at::equal(first, touched(0)));
  EXPECT_FALSE(at::equal(first, touched(1)));
}

TEST(NoiseTolerant, EarlyAllCountThenTheLeftGroupFades) {
  auto context = small_context();
  context.classes = context.dim = 2;
  NoiseTolerantOptions options;
  options.margin = 0;
  options.scale = 1;
  NoiseTolerant loss(options, context);
  {
    const at::NoGradGuard no_grad;
    loss.parameters()[0].second.copy_(at::eye(2));
  }
  const auto batch_at = [](std::vector<double> own) {
    LossBatch batch;
    std::vector<double> flat;
    for (const double c : own) flat.push_back(c), flat.push_back(std::sqrt(1 - c * c));
    batch.z = at::tensor(flat, at::TensorOptions(at::kDouble)).view({-1, 2}).requires_grad_(true);
    batch.labels = at::zeros({batch.z.size(0)}, at::TensorOptions(at::kLong));
    return batch;
  };
  const auto weights = [&](const LossBatch& batch) {
    const auto values = first_values(loss, batch, given_targets(batch)).detach();
    const auto c = batch.z.detach().select(1, 0), other = batch.z.detach().select(1, 1);
    return values / at::log1p((other - c).exp());
  };
  // All cosines near 0: training has not begun, every weight is near 1.
  const auto early = weights(batch_at({0.0, 0.01, -0.01, 0.02, -0.02}));
  EXPECT_GT(early.min().item<double>(), 0.97);
  // Two groups, wrong ones around -0.3 (a quarter), right ones around 0.5 with an end near 0.6: the wrong ones fade.
  std::vector<double> own;
  for (int i = 0; i < 40; ++i) own.push_back(-0.3 + 0.002 * (i % 10));
  for (int i = 0; i < 120; ++i) own.push_back(0.5 + 0.008 * (i % 13));
  NoiseTolerant second(options, context);
  {
    const at::NoGradGuard no_grad;
    second.parameters()[0].second.copy_(at::eye(2));
  }
  const auto batch = batch_at(own);
  const auto values = first_values(second, batch, given_targets(batch)).detach();
  const auto c = batch.z.detach().select(1, 0), other = batch.z.detach().select(1, 1);
  const auto late = values / at::log1p((other - c).exp());
  EXPECT_LT(late.narrow(0, 0, 40).max().item<double>(), 0.2);
  EXPECT_GT(late.narrow(0, 40, 120).mean().item<double>(), 0.5);
  EXPECT_NEAR(second.noise_rate(), 0.25, 0.1);
}

TEST(NoiseTolerant, GradientWithItsWeightsStandingStill) {
  const auto context = small_context();
  const auto loss = make_loss("noise_tolerant", context);
  const auto arcface = make_loss("arcface", context);
  const auto batch = random_batch(8, context, 3);
  const auto own = first_values(*loss, batch, given_targets(batch)).detach();
  const auto plain = first_values(*arcface, batch, given_targets(batch)).detach();
  const auto exact = gradient(reduced(*loss, batch, given_targets(batch)), batch.z);
  const auto expected = gradient((own / plain * first_values(*arcface, batch, given_targets(batch))).mean(), batch.z);
  EXPECT_LT(largest_difference(exact, expected), 1e-9 * (1 + exact.abs().max().item<double>()));
}

TEST(NoiseTolerant, ForgetsBatchesOlderThanItsWindow) {
  const auto context = small_context();
  NoiseTolerantOptions options;
  options.window = 3;
  NoiseTolerant loss(options, context);
  for (uint64_t seed = 1; seed < 6; ++seed) {
    const auto batch = random_batch(6, context, seed);
    loss.forward(batch, given_targets(batch));
    loss.after_step(batch, given_targets(batch));
  }
  EXPECT_EQ(loss.state()[0].second.sum().item<double>(), 18) << "three batches of six";
}

TEST(SoftTriple, ValueAndMergeTerm) {
  const auto context = small_context();
  const auto loss =
      make_loss("soft_triple", context, [](Options& o) { dynamic_cast<SoftTripleOptions&>(o).centres = 3; });
  const auto batch = random_batch(6, context, 2);
  const auto weight = weight_of(*loss);
  const auto all = cosines(batch, weight);
  Row expected;
  for (size_t i = 0; i < all.size(); ++i) {
    const auto y = static_cast<size_t>(batch.labels[static_cast<int64_t>(i)].item<int64_t>());
    Row scores;
    for (size_t c = 0; c < 5; ++c) {
      double sum = 0, total = 0;
      for (size_t k = 0; k < 3; ++k) total += std::exp(all[i][3 * c + k] / 0.1);
      for (size_t k = 0; k < 3; ++k) sum += std::exp(all[i][3 * c + k] / 0.1) / total * all[i][3 * c + k];
      scores.push_back(sum - (c == y ? 0.01 : 0));
    }
    expected.push_back(softmax_loss(scores, y, 20));
  }
  expect_values(*loss, batch, expected, "soft_triple");
  double merge = 0;
  for (int64_t c = 0; c < 5; ++c)
    for (int64_t s = 0; s < 3; ++s)
      for (int64_t t = s + 1; t < 3; ++t) {
        const auto a = weight[3 * c + s], b = weight[3 * c + t];
        merge += std::sqrt(2 + 1e-5 - 2 * (a.dot(b) / (a.norm() * b.norm())).item<double>());
      }
  EXPECT_NEAR(loss->forward(batch, given_targets(batch)).items[1].values.item<double>(), 0.2 * merge / (5 * 3 * 2),
              1e-12);
}

}  // namespace
}  // namespace winnow::test
