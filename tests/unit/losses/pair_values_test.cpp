// Each loss over pairs against its formula in plain loops, and by hand where the numbers are round.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <ostream>
#include <set>

#include "losses/fastap.h"
#include "losses/multi_similarity.h"
#include "losses/npair.h"
#include "losses/pnp.h"
#include "losses/smooth_ap.h"
#include "tests/unit/losses/loss_support.h"
#include "tests/unit/losses/pair_reference.h"

namespace winnow::test {
namespace {

using Values = std::vector<double>;

double softplus(double x) { return x > 30 ? x : std::log1p(std::exp(x)); }
double relu(double x) { return std::max(0.0, x); }
double logistic(double x) { return 1 / (1 + std::exp(-x)); }

/// One value of each anchor for which `usable` holds.
double over_anchors(const PlainBatch& b, bool need_positive, bool nonzero, const std::function<double(size_t)>& f) {
  Values values;
  for (size_t i = 0; i < b.size(); ++i)
    if (!need_positive || b.positives(i) > 0) values.push_back(f(i));
  return mean_of(values, nonzero);
}

double over_positive_pairs(const PlainBatch& b, bool nonzero, const std::function<double(size_t, size_t)>& f) {
  Values values;
  for (size_t i = 0; i < b.size(); ++i)
    for (size_t j = 0; j < b.size(); ++j)
      if (b.same(i, j)) values.push_back(f(i, j));
  return mean_of(values, nonzero);
}

double over_negative_pairs(const PlainBatch& b, bool nonzero, const std::function<double(size_t, size_t)>& f) {
  Values values;
  for (size_t i = 0; i < b.size(); ++i)
    for (size_t j = 0; j < b.size(); ++j)
      if (b.differ(i, j)) values.push_back(f(i, j));
  return mean_of(values, nonzero);
}

double multi_similarity(const PlainBatch& b) {
  return over_anchors(b, false, false, [&](size_t i) {
    double least = 9, most = -9;
    for (size_t j = 0; j < b.size(); ++j) {
      if (b.same(i, j)) least = std::min(least, b.cosine(i, j));
      if (b.differ(i, j)) most = std::max(most, b.cosine(i, j));
    }
    const double pull = b.over_positives(
        i, [&](size_t p) { return b.cosine(i, p) < most + 0.1 ? std::exp(-2 * (b.cosine(i, p) - 0.5)) : 0.0; });
    const double push = b.over_negatives(
        i, [&](size_t n) { return b.cosine(i, n) > least - 0.1 ? std::exp(50 * (b.cosine(i, n) - 0.5)) : 0.0; });
    return std::log1p(pull) / 2 + std::log1p(push) / 50;
  });
}

double supcon(const PlainBatch& b) {
  return over_anchors(b, true, true, [&](size_t i) {
    double all = 0;
    for (size_t j = 0; j < b.size(); ++j)
      if (j != i) all += std::exp(b.cosine(i, j) / 0.1);
    return -b.over_positives(i, [&](size_t p) { return b.cosine(i, p) / 0.1 - std::log(all); }) /
           static_cast<double>(b.positives(i));
  });
}

double ntxent(const PlainBatch& b) {
  return over_positive_pairs(b, false, [&](size_t i, size_t p) {
    const double own = std::exp(b.cosine(i, p) / 0.07);
    return -std::log(own / (own + b.over_negatives(i, [&](size_t n) { return std::exp(b.cosine(i, n) / 0.07); })));
  });
}

double circle(const PlainBatch& b) {
  return over_anchors(b, true, true, [&](size_t i) {
    const double pull = b.over_positives(i, [&](size_t p) {
      const double s = b.cosine(i, p);
      return std::exp(-80 * relu(1.4 - s) * (s - 0.6));
    });
    const double push = b.over_negatives(i, [&](size_t n) {
      const double s = b.cosine(i, n);
      return std::exp(80 * relu(s + 0.4) * (s - 0.4));
    });
    return softplus(std::log(pull) + std::log(push));
  });
}

double lifted(const PlainBatch& b) {
  return over_positive_pairs(b, false, [&](size_t i, size_t p) {
    const auto near = [&](size_t a) {
      return b.over_negatives(a, [&](size_t n) { return std::exp(1 - b.distance(a, n)); });
    };
    const double x = relu(std::log(near(i) + near(p)) + b.distance(i, p));
    return x * x / 2;
  });
}

double generalized_lifted(const PlainBatch& b) {
  return over_anchors(b, false, false, [&](size_t i) {
    const double far = b.over_positives(i, [&](size_t p) { return std::exp(b.distance(i, p)); });
    const double near = b.over_negatives(i, [&](size_t n) { return std::exp(1 - b.distance(i, n)); });
    return relu((far > 0 ? std::log(far) : 0) + (near > 0 ? std::log(near) : 0));
  });
}

double fastap(const PlainBatch& b) {
  return over_anchors(b, true, false, [&](size_t i) {
    double sum = 0, own_total = 0, total = 0;
    for (int l = 0; l <= 10; ++l) {
      const auto pulse = [&](size_t j) {
        const double d = b.distance(i, j);
        return relu(1 - std::abs(d * d - 0.4 * l) / 0.4);
      };
      const double own = b.over_positives(i, pulse), other = b.over_negatives(i, pulse);
      own_total += own;
      total += own + other;
      if (own > 0) sum += own * own_total / total;
    }
    return 1 - sum / static_cast<double>(b.positives(i));
  });
}

double smooth_ap(const PlainBatch& b) {
  return over_anchors(b, true, false, [&](size_t i) {
    double sum = 0, count = 0;
    for (size_t k = 0; k < b.size(); ++k) {
      if (b.labels[k] != b.labels[i]) continue;
      double own = 1, all = 1;
      for (size_t j = 0; j < b.size(); ++j) {
        if (j == k) continue;
        const double before = logistic((b.cosine(i, j) - b.cosine(i, k)) / 0.01);
        all += before;
        if (b.labels[j] == b.labels[i]) own += before;
      }
      sum += own / all;
      count += 1;
    }
    return 1 - sum / count;
  });
}

double ranked_list(const PlainBatch& b) {
  const double n = static_cast<double>(b.size());
  return over_anchors(b, false, false, [&](size_t i) {
    const auto d = [&](size_t j) { return b.distance(i, j); };
    const double pull = b.over_positives(i, [&](size_t p) { return relu(d(p) - 0.8); });
    const double pulls = b.over_positives(i, [&](size_t p) { return d(p) > 0.8 ? 1.0 : 0.0; });
    const auto weight = [&](size_t j) { return d(j) < 1.2 ? std::exp(10 * (1.2 - d(j))) : 0.0; };
    const double push = b.over_negatives(i, [&](size_t j) { return weight(j) * relu(1.2 - d(j)); });
    return 0.5 * pull / (pulls + n * 1e-5) + 0.5 * push / (b.over_negatives(i, weight) + n * 1e-5);
  });
}

double nca(const PlainBatch& b) {
  return over_anchors(b, true, false, [&](size_t i) {
    const auto e = [&](size_t j) { return std::exp(-b.distance(i, j) * b.distance(i, j)); };
    const double own = b.over_positives(i, e);
    return -std::log(own / (own + b.over_negatives(i, e)));
  });
}

double angular(const PlainBatch& b) {
  const double t2 = std::pow(std::tan(40 * M_PI / 180), 2);
  return over_positive_pairs(b, false, [&](size_t a, size_t p) {
    return std::log1p(b.over_negatives(a, [&](size_t n) {
      return std::exp(4 * t2 * (b.cosine(a, n) + b.cosine(p, n)) - 2 * (1 + t2) * b.cosine(a, p));
    }));
  });
}

double tuplet_margin(const PlainBatch& b) {
  return over_positive_pairs(b, false, [&](size_t a, size_t p) {
    const double own = std::cos(std::acos(b.cosine(a, p)) - 5.73 * M_PI / 180);
    return std::log1p(b.over_negatives(a, [&](size_t n) { return std::exp(64 * (b.cosine(a, n) - own)); }));
  });
}

double variance(const std::vector<double>& x) {
  double mean = 0, sum = 0;
  for (const double v : x) mean += v / static_cast<double>(x.size());
  for (const double v : x) sum += (v - mean) * (v - mean);
  return sum / static_cast<double>(x.size() - 1);
}

double snr_contrastive(const PlainBatch& b) {
  const auto ratio = [&](size_t i, size_t j) {
    std::vector<double> gap;
    for (size_t d = 0; d < b.z[i].size(); ++d) gap.push_back(b.z[i][d] - b.z[j][d]);
    return variance(gap) / variance(b.z[i]);
  };
  return over_positive_pairs(b, true, [&](size_t i, size_t j) { return relu(ratio(i, j)); }) +
         over_negative_pairs(b, true, [&](size_t i, size_t j) { return relu(1 - ratio(i, j)); });
}

double intra_pair_variance(const PlainBatch& b) {
  const auto cosine = [&](size_t i, size_t j) { return b.cosine(i, j); };
  const double own = over_positive_pairs(b, false, cosine), other = over_negative_pairs(b, false, cosine);
  return over_positive_pairs(b, false,
                             [&](size_t i, size_t j) { return std::pow(relu(0.99 * own - cosine(i, j)), 2); }) +
         over_negative_pairs(b, false,
                             [&](size_t i, size_t j) { return std::pow(relu(cosine(i, j) - 1.01 * other), 2); });
}

double threshold_consistent(const PlainBatch& b) {
  return over_positive_pairs(b, true, [&](size_t i, size_t j) { return relu(0.9 - b.cosine(i, j)); }) +
         over_negative_pairs(b, true, [&](size_t i, size_t j) { return relu(b.cosine(i, j) - 0.5); });
}

double pnp(const PlainBatch& b) {
  return over_anchors(b, false, false, [&](size_t i) {
    double sum = 0, count = 0;
    for (size_t k = 0; k < b.size(); ++k) {
      if (b.labels[k] != b.labels[i]) continue;
      sum += b.over_negatives(i, [&](size_t n) { return logistic((b.cosine(i, n) - b.cosine(i, k)) / 0.01); });
      count += 1;
    }
    return sum / count;
  });
}

/// Soft histogram of weights falling on 101 nodes.
Values soft_histogram(const Values& cosines) {
  Values out(101);
  for (const double s : cosines) {
    const double place = (s + 1) * 50;
    const auto left = static_cast<size_t>(place);
    out[left] += (1 - (place - static_cast<double>(left))) / static_cast<double>(cosines.size());
    out[left + 1] += (place - static_cast<double>(left)) / static_cast<double>(cosines.size());
  }
  return out;
}

double histogram(const PlainBatch& b) {
  Values own, other;
  for (size_t i = 0; i < b.size(); ++i)
    for (size_t j = i + 1; j < b.size(); ++j) {
      if (b.same(i, j)) own.push_back(b.cosine(i, j));
      if (b.differ(i, j) && b.positives(i) + b.positives(j) > 0) other.push_back(b.cosine(i, j));
    }
  const auto positive = soft_histogram(own), negative = soft_histogram(other);
  double below = 0, sum = 0;
  for (size_t r = 0; r < positive.size(); ++r) sum += negative[r] * (below += positive[r]);
  return sum;
}

struct ValueCase {
  std::string name;
  double (*reference)(const PlainBatch&);
};

std::ostream& operator<<(std::ostream& out, const ValueCase& one) { return out << one.name; }

class PairValues : public ::testing::TestWithParam<ValueCase> {};

TEST_P(PairValues, AgreeWithLoops) {
  const auto context = small_context();
  const auto loss = make_loss(GetParam().name, context);
  for (uint64_t seed = 1; seed < 9; ++seed) {
    const auto batch = random_batch(12, context, seed);
    const double expected = GetParam().reference(PlainBatch(batch));
    EXPECT_NEAR(reduced(*loss, batch, given_targets(batch)).item<double>(), expected, 1e-9 * (1 + std::abs(expected)))
        << "seed " << seed;
  }
}

TEST_P(PairValues, WithoutPairsThereIsNoLoss) {
  const auto context = small_context();
  const auto loss = make_loss(GetParam().name, context);
  auto batch = random_batch(1, context, 3);
  EXPECT_EQ(reduced(*loss, batch, given_targets(batch)).item<double>(), 0.0);
  // One class only: nothing to tell apart, and nothing that is not a number.
  batch = random_batch(6, context, 4);
  batch.labels = at::zeros_like(batch.labels);
  const auto value = reduced(*loss, batch, given_targets(batch));
  EXPECT_TRUE(value.isfinite().item<bool>());
  EXPECT_TRUE(gradient(value, batch.z).isfinite().all().item<bool>());
  // Every picture alone in its class.
  batch = random_batch(5, context, 5);
  batch.labels = at::arange(5, at::TensorOptions(at::kLong));
  EXPECT_TRUE(reduced(*loss, batch, given_targets(batch)).isfinite().item<bool>());
}

TEST_P(PairValues, NobodyTrustedMovesNothingTogether) {
  const auto context = small_context();
  const auto loss = make_loss(GetParam().name, context);
  const auto batch = random_batch(8, context, 6);
  auto targets = given_targets(batch);
  targets.trust = at::zeros_like(targets.trust);
  const auto value = reduced(*loss, batch, targets);
  EXPECT_TRUE(value.isfinite().item<bool>());
  EXPECT_TRUE(gradient(value, batch.z).isfinite().all().item<bool>());
}

INSTANTIATE_TEST_SUITE_P(All, PairValues,
                         ::testing::Values(ValueCase{"multi_similarity", multi_similarity}, ValueCase{"supcon", supcon},
                                           ValueCase{"ntxent", ntxent}, ValueCase{"circle", circle},
                                           ValueCase{"lifted", lifted},
                                           ValueCase{"generalized_lifted", generalized_lifted},
                                           ValueCase{"fastap", fastap}, ValueCase{"smooth_ap", smooth_ap},
                                           ValueCase{"ranked_list", ranked_list}, ValueCase{"nca", nca},
                                           ValueCase{"angular", angular}, ValueCase{"tuplet_margin", tuplet_margin},
                                           ValueCase{"snr_contrastive", snr_contrastive},
                                           ValueCase{"intra_pair_variance", intra_pair_variance},
                                           ValueCase{"threshold_consistent", threshold_consistent},
                                           ValueCase{"pnp", pnp}, ValueCase{"histogram", histogram}),
                         [](const auto& test) { return test.param.name; });

LossBatch plane_batch(std::vector<double> angles, std::vector<int64_t> labels) {
  LossBatch batch;
  std::vector<double> flat;
  for (const double angle : angles) flat.push_back(std::cos(angle)), flat.push_back(std::sin(angle));
  batch.z = at::tensor(flat, at::TensorOptions(at::kDouble)).view({-1, 2}).requires_grad_(true);
  batch.raw = 2 * batch.z;
  batch.labels = at::tensor(labels, at::TensorOptions(at::kLong));
  batch.rows = at::arange(batch.z.size(0), at::TensorOptions(at::kLong));
  return batch;
}

double in_the_plane(const std::string& name, const LossBatch& batch, const Tweak& tweak = nullptr) {
  auto context = small_context();
  context.dim = 2;
  const auto loss = make_loss(name, context, tweak);
  return reduced(*loss, batch, given_targets(batch)).item<double>();
}

TEST(PairsByHand, NPairClassifiesTheAnchorsAmongThePositives) {
  // raw vectors of length 2: classes 0 at angles 0, 60 degrees, 1 at 90, 90. Scores 4 cos: [[2, 0], [2 sqrt 3, 4]].
  const auto batch = plane_batch({0, M_PI / 3, M_PI / 2, M_PI / 2}, {0, 0, 1, 1});
  const double a = std::log1p(std::exp(0 - 2.0)), b = std::log1p(std::exp(2 * std::sqrt(3.0) - 4));
  EXPECT_NEAR(in_the_plane("npair", batch), (a + b) / 2, 1e-9);
}

TEST(PairsByHand, SmoothApOfAPerfectRankingIsZero) {
  EXPECT_NEAR(in_the_plane("smooth_ap", plane_batch({0, 0.05, 1.5, 1.6}, {0, 0, 1, 1})), 0.0, 1e-6);
  EXPECT_NEAR(in_the_plane("pnp", plane_batch({0, 0.05, 1.5, 1.6}, {0, 0, 1, 1})), 0.0, 1e-6);
}

TEST(PairsByHand, FastApOfSeparatedHistogramsIsZero) {
  EXPECT_NEAR(in_the_plane("fastap", plane_batch({0, 0, M_PI, M_PI}, {0, 0, 1, 1})), 0.0, 1e-9);
}

TEST(PairsByHand, VicReg) {
  // raw rows (2,0), (0,2): positives differ by 2 in both coordinates: invariance 25 * 4. Variance of a coordinate 2, so
  // its spread exceeds 1; covariance -2 off the diagonal twice: (4 + 4) / 2.
  EXPECT_NEAR(in_the_plane("vicreg", plane_batch({0, M_PI / 2}, {0, 0})), 25 * 4 + 4, 1e-9);
}

TEST(PairsByHand, VariantsOfPnp) {
  // One anchor class with a negative nearer than the positive: R = 1 for the positive of 0, and 0 for an anchor itself.
  const auto batch = plane_batch({0, 1.0, 0.5}, {0, 0, 1});
  const auto with = [&](const char* variant) {
    return in_the_plane("pnp", batch, [&](Options& o) { dynamic_cast<PnpOptions&>(o).variant = variant; });
  };
  // anchors 0 and 1 have (R = 1, R = 0) each, anchor 2 alone R = 0
  EXPECT_NEAR(with("O"), (0.5 + 0.5) / 3, 1e-4);
  EXPECT_NEAR(with("Ds"), std::log(2.0) / 3, 1e-4);
  EXPECT_NEAR(with("Dq"), 0.5 / 3, 1e-4);
  EXPECT_NEAR(with("Iu"), 2 * std::log(2.0) / 3, 1e-4);
  EXPECT_NEAR(with("Ib"), (2 - std::log(3.0)) / 4 / 3, 1e-4);
}

at::Tensor without_row(const at::Tensor& x, int64_t row) {
  return at::cat({x.narrow(0, 0, row), x.narrow(0, row + 1, x.size(0) - row - 1)}).detach().clone();
}

TEST(PairTrust, AnUntrustedPositiveCountsInNoSoftSum) {
  const auto context = small_context();
  auto batch = random_batch(6, context, 11);
  batch.labels = at::tensor({0, 0, 0, 1, 1, 1}, at::TensorOptions(at::kLong));
  auto targets = given_targets(batch);
  targets.trust = at::tensor({1.0, 1.0, 0.0, 1.0, 1.0, 1.0}, at::TensorOptions(at::kDouble));
  auto fewer = batch;
  for (auto* t : {&fewer.raw, &fewer.z, &fewer.labels, &fewer.rows}) *t = without_row(*t, 2);
  for (const char* name : {"multi_similarity", "circle", "generalized_lifted"}) {
    const auto loss = make_loss(name, context);
    const auto values = loss->forward(batch, targets).items[0].values;
    const auto expected = loss->forward(fewer, given_targets(fewer)).items[0].values;
    // Anchors 0 and 1: the pair (0, 1) and the negatives 3, 4, 5 are all they have.
    EXPECT_LT(largest_difference(values.narrow(0, 0, 2), expected.narrow(0, 0, 2)), 1e-12) << name;
  }
  // In SupCon's denominator picture 2 stays, as any other picture would.
  const auto loss = make_loss("supcon", context);
  auto stranger = batch;
  stranger.labels = at::tensor({0, 0, 4, 1, 1, 1}, at::TensorOptions(at::kLong));
  EXPECT_LT(largest_difference(loss->forward(batch, targets).items[0].values.narrow(0, 0, 2),
                               loss->forward(stranger, given_targets(stranger)).items[0].values.narrow(0, 0, 2)),
            1e-12);
}

TEST(Circle, GradientWithItsPacesStandingStill) {
  const auto context = small_context();
  const auto loss = make_loss("circle", context);
  const auto batch = random_batch(8, context, 4);
  const PlainBatch start(batch);
  const auto value = [&] {
    const PlainBatch now(batch);
    return over_anchors(now, true, true, [&](size_t i) {
      const double pull = now.over_positives(
          i, [&](size_t p) { return std::exp(-80 * relu(1.4 - start.cosine(i, p)) * (now.cosine(i, p) - 0.6)); });
      const double push = now.over_negatives(
          i, [&](size_t n) { return std::exp(80 * relu(start.cosine(i, n) + 0.4) * (now.cosine(i, n) - 0.4)); });
      return softplus(std::log(pull) + std::log(push));
    });
  };
  const auto exact = gradient(reduced(*loss, batch, given_targets(batch)), batch.z);
  EXPECT_LT(largest_difference(exact, central_differences(value, batch.z)), 1e-5 * exact.abs().max().item<double>());
}

TEST(HiddenPositives, AreNoNegatives) {
  const auto context = small_context();
  const Tweak mask = [](Options& o) { dynamic_cast<PairOptions&>(o).hidden_positive = 0.6; };
  const auto loss = make_loss("ntxent", context, mask);
  auto batch = random_batch(8, context, 7);
  EXPECT_EQ(code_of([&] { loss->forward(batch, given_targets(batch)); }), ErrorCode::kConfig) << "no teacher";
  // A teacher to which all pictures look alike: no negatives are left, so nothing is lost.
  batch.z_teacher = batch.z.detach()[0].expand({8, 4}).contiguous();
  EXPECT_NEAR(reduced(*loss, batch, given_targets(batch)).item<double>(), 0.0, 1e-12);
  // A teacher to which nothing looks alike (four axes, two pictures on each side) changes nothing.
  batch.z_teacher = at::cat(
      {at::eye(4, batch.z.options().requires_grad(false)), -at::eye(4, batch.z.options().requires_grad(false))});
  const auto plain = make_loss("ntxent", context);
  EXPECT_EQ(reduced(*loss, batch, given_targets(batch)).item<double>(),
            reduced(*plain, batch, given_targets(batch)).item<double>());
}

TEST(PairMemory, AddsTheLossAgainstTheBank) {
  const auto context = small_context();
  for (const char* name : {"supcon", "multi_similarity", "ntxent", "circle", "triplet", "margin", "lifted", "fastap",
                           "ranked_list", "nca", "tuplet_margin", "generalized_lifted", "snr_contrastive"}) {
    const auto loss = make_loss(name, context, [](Options& o) { dynamic_cast<PairOptions&>(o).memory = 12; });
    const auto plain = make_loss(name, context);
    const auto batch = random_batch(8, context, 1), stored = random_batch(6, context, 2);
    EXPECT_FALSE(loss->needs_pairs());
    EXPECT_EQ(reduced(*loss, batch, given_targets(batch)).item<double>(),
              reduced(*plain, batch, given_targets(batch)).item<double>())
        << name << ": an empty bank";
    auto doubtful = given_targets(stored);
    doubtful.trust = at::tensor({1.0, 0.4, 0.9, 0.5, 0.6, 0.7}, at::TensorOptions(at::kDouble));
    loss->after_step(stored, doubtful);
    const auto result = loss->forward(batch, given_targets(batch));
    EXPECT_EQ(result.log.at("memory_size"), 4) << "0.4 and 0.5 are not trusted enough";
    EXPECT_NE(reduced(*loss, batch, given_targets(batch)).item<double>(),
              reduced(*plain, batch, given_targets(batch)).item<double>())
        << name;
  }
}

}  // namespace
}  // namespace winnow::test
