// The checks of face.md 8 that are about figures: 1 to 5, with their exact values.
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "src/evaluation/face/megaface.h"
#include "src/evaluation/face/open_set.h"
#include "src/evaluation/face/pair_accuracy.h"
#include "src/evaluation/face/template_pool.h"
#include "src/evaluation/face/verification.h"
#include "src/evaluation/retrieval.h"

namespace winnow {
namespace {

constexpr double kTolerance = 1e-6;

/// The 20 pairs of checks 1 and 2: fold k holds same k and different k.
struct TwentyPairs {
  UnitVectors vectors;
  std::vector<FacePair> pairs;
  std::vector<double> scores() const { return pair_scores(vectors, pairs); }
};

TwentyPairs twenty_pairs() {
  const double same[] = {.105, .205, .305, .405, .505, .605, .705, .805, 1.305, .905};
  const double different[] = {1.505, 1.605, 1.705, 1.805, 1.905, 2.005, 1.005, 1.455, 1.555, 1.655};
  TwentyPairs out;
  auto& v = out.vectors;
  v.dim = 2;
  for (int k = 0; k < 10; ++k)
    for (const bool is_same : {true, false}) {
      const double c = 1 - (is_same ? same[k] : different[k]) / 2;
      out.pairs.push_back({v.rows, v.rows + 1, is_same, k});
      v.values.insert(v.values.end(), {1.0, 0.0, c, std::sqrt(1 - c * c)});
      v.rows += 2;
    }
  v.failed.assign(40, 0);
  return out;
}

void expect_near(const std::vector<double>& got, const std::vector<double>& want, double tolerance = kTolerance) {
  ASSERT_EQ(got.size(), want.size());
  for (size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], want[i], tolerance) << "at " << i;
}

TEST(FaceAcceptance, Check1) {
  const auto set = twenty_pairs();
  const auto a = pair_accuracy(set.vectors, set.pairs, AccuracyRule::kInsightFace);
  expect_near(a.accuracy, {1, 1, 1, 1, 1, 1, .5, 1, .5, .5});
  EXPECT_NEAR(a.mean, 0.85, kTolerance);
  EXPECT_NEAR(a.std_population, 0.229128785, kTolerance);
  EXPECT_NEAR(a.standard_error, 0.076376262, kTolerance);
  expect_near(a.threshold, {.91, .91, .91, .91, .91, .91, 1.31, .91, .91, .81});
  const auto b = pair_accuracy(set.vectors, set.pairs, AccuracyRule::kFaceXZoo);
  expect_near(b.accuracy, {1, 1, 1, 1, 1, 1, .5, .5, .5, 1});
  EXPECT_NEAR(b.mean, 0.85, kTolerance);
  EXPECT_NEAR(b.std_population, 0.229128785, kTolerance);
  EXPECT_NEAR(b.standard_error, 0.076376262, kTolerance);
  const auto c = pair_accuracy(set.vectors, set.pairs, AccuracyRule::kSphereFace);
  expect_near(c.accuracy, {1, 1, 1, 1, 1, 1, .5, 1, .5, 1});
  EXPECT_NEAR(c.mean, 0.9, kTolerance);
  EXPECT_NEAR(c.std_population, 0.2, kTolerance);
  EXPECT_NEAR(c.standard_error, 0.066666667, kTolerance);
  std::vector<double> as_d2;
  for (const double t : c.threshold) as_d2.push_back(2 - 2 * t);
  expect_near(as_d2, {1.2103, 1.2103, 1.2103, 1.2103, 1.2103, 1.2103, 1.38, 1.2551, .955, 1.1088}, 1e-4);
  EXPECT_NEAR(best_global_accuracy(set.scores(), set.pairs), 0.95, kTolerance);
}

TEST(FaceAcceptance, Check2) {
  const auto set = twenty_pairs();
  const auto scores = collect_scores(set.scores(), set.pairs);
  EXPECT_NEAR(roc_auc(scores), 0.99, kTolerance);
  EXPECT_NEAR(equal_error(scores).rate, 0.1, kTolerance);
  const auto tar = [&](double far) { return tar_at_far(scores, far, FarRule::kStrict)->tar; };
  for (const double far : {0.0, .01, .04, .06}) EXPECT_NEAR(tar(far), 0.9, kTolerance) << far;
  for (const double far : {.1, .15, .3}) EXPECT_NEAR(tar(far), 1.0, kTolerance) << far;
  const auto below = tar_at_far(scores, .04, FarRule::kNearest), over = tar_at_far(scores, .06, FarRule::kNearest);
  EXPECT_NEAR(below->far, 0, kTolerance);
  EXPECT_NEAR(below->tar, .9, kTolerance);
  EXPECT_NEAR(over->far, .1, kTolerance);
  EXPECT_NEAR(over->tar, 1, kTolerance);

  std::vector<FacePair> pairs(12);
  pairs[0].same = pairs[4].same = true;
  const auto second = collect_scores(std::vector<double>{.99, .9, .8, .7, .65, .6, .5, .4, .3, .2, .1, 0}, pairs);
  const auto strict = tar_at_far(second, .16, FarRule::kStrict);
  EXPECT_NEAR(strict->tar, .5, kTolerance);
  EXPECT_EQ(strict->false_accepts, 1);
  const auto all = tar_at_far(second, .16, FarRule::kNearestAll), dropped = tar_at_far(second, .16, FarRule::kNearest);
  EXPECT_NEAR(all->far, .2, kTolerance);
  EXPECT_NEAR(all->tar, .5, kTolerance);
  EXPECT_NEAR(dropped->far, .3, kTolerance);
  EXPECT_NEAR(dropped->tar, 1, kTolerance);
}

TEST(FaceAcceptance, Check3) {
  const std::vector<float> embeddings = {3, 0, 1, 0, 0, 2, 1, 1};
  const std::vector<TemplateFace> faces = {{0, 1, 10}, {1, 1, 10}, {2, 1, 11}, {3, 2, 20}};
  const std::vector<float> score = {1, .5f, .5f, .8f};
  const auto check = [&](const PoolingMode& mode, double x, double y, double cosine) {
    const auto t = pool_templates(embeddings, 2, faces, score, mode);
    ASSERT_EQ(t.ids, (std::vector<int64_t>{1, 2}));
    EXPECT_NEAR(t.vectors[0], x, kTolerance) << mode.name();
    EXPECT_NEAR(t.vectors[1], y, kTolerance) << mode.name();
    EXPECT_NEAR(t.vectors[0] * t.vectors[2] + t.vectors[1] * t.vectors[3], cosine, kTolerance) << mode.name();
  };
  check({true, true, true}, 0.868243142, 0.496138938, 0.964763821);
  check({false, true, true}, 0.832050294, 0.554700196, 0.980580676);
  check({true, false, true}, 0.707106781, 0.707106781, 1.0);
  check({false, false, true}, 0.707106781, 0.707106781, 1.0);
  check({true, true, false}, 0.961523948, 0.274721128, 0.874157276);
}

TEST(FaceAcceptance, Check4) {
  const std::vector<double> scores = {.9, .2, .1, .3, .8, .4, .6, .1, .5, .55, .2, .3,
                                      .7, .1, .2, .5, .4, .1, .1, .4, .3, .2,  .1, 0};
  const std::vector<int64_t> probes = {0, 1, 2, 0, -1, -1, -1, -1}, gallery = {0, 1, 2};
  const auto search = search_matrix(scores, probes, gallery);
  EXPECT_EQ(search.mate_rank, (std::vector<int64_t>{1, 1, 2, 1}));
  expect_near(cumulative_match(search, 3), {.75, 1, 1});
  EXPECT_NEAR(mean_reciprocal_rank(search), .875, kTolerance);
  struct Row {
    double target;
    FpirRule rule;
    double tpir, threshold, realised;
  };
  for (const Row& r : std::vector<Row>{{0, FpirRule::kStrict, .5, .7, 0},
                                       {0, FpirRule::kIjbEvals, .5, .7, 0},
                                       {0, FpirRule::kBlufr, .5, .75, 0},
                                       {.25, FpirRule::kStrict, .75, .5, .25},
                                       {.25, FpirRule::kIjbEvals, .5, .7, 0},
                                       {.25, FpirRule::kBlufr, .5, .7, .25},
                                       {.5, FpirRule::kStrict, .75, .4, .5},
                                       {.5, FpirRule::kIjbEvals, .75, .5, .25},
                                       {.5, FpirRule::kBlufr, .75, .5, .5}}) {
    const auto p = tpir_at_fpir(search, r.target, 1, r.rule);
    EXPECT_NEAR(p.tpir, r.tpir, kTolerance) << fpir_rule_name(r.rule) << " at " << r.target;
    EXPECT_NEAR(p.threshold, r.threshold, kTolerance) << fpir_rule_name(r.rule) << " at " << r.target;
    EXPECT_NEAR(p.fpir, r.realised, kTolerance) << fpir_rule_name(r.rule) << " at " << r.target;
  }
}

std::vector<float> by_angle(const std::vector<double>& degrees) {
  std::vector<float> out;
  for (const double d : degrees) {
    out.push_back(static_cast<float>(std::cos(d * std::numbers::pi / 180)));
    out.push_back(static_cast<float>(std::sin(d * std::numbers::pi / 180)));
  }
  return out;
}

/// Rank-1 of features as a tool sees it that ranks by Euclidean distance.
double euclidean_rank1(const std::vector<float>& probes, const std::vector<int64_t>& person,
                       const std::vector<float>& distractors, int64_t dim) {
  const auto distance = [&](const std::vector<float>& x, size_t i, const std::vector<float>& y, size_t j) {
    double sum = 0;
    for (size_t d = 0; d < static_cast<size_t>(dim); ++d)
      sum += std::pow(static_cast<double>(x[i * static_cast<size_t>(dim) + d]) -
                          static_cast<double>(y[j * static_cast<size_t>(dim) + d]),
                      2);
    return sum;
  };
  int trials = 0, first = 0;
  for (size_t p = 0; p < person.size(); ++p)
    for (size_t g = 0; g < person.size(); ++g) {
      if (p == g || person[p] != person[g]) continue;
      bool best = true;
      for (size_t d = 0; d < distractors.size() / static_cast<size_t>(dim); ++d)
        best &= distance(probes, p, probes, g) < distance(probes, p, distractors, d);
      ++trials;
      first += best;
    }
  return static_cast<double>(first) / trials;
}

TEST(FaceAcceptance, Check5) {
  const auto probes = by_angle({0, 20, 60, 180, 200}), distractors = by_angle({75, 310});
  const std::vector<int64_t> person = {0, 0, 0, 1, 1};
  const std::vector<char> clean(5, 0), listed = {1, 0};
  const MegaFaceInput raw{{probes, 5, 2}, {distractors, 2, 2}, person, {}, {}};
  const auto result = score_megaface(raw, 2);
  EXPECT_EQ(result.trials, 8);
  expect_near(result.cmc, {.625, 1});
  EXPECT_EQ(result.verification.genuine.size(), 4u);
  EXPECT_EQ(result.verification.impostors, 10);
  const auto tar = [&](double far) { return tar_at_far(result.verification, far, FarRule::kStrict)->tar; };
  EXPECT_NEAR(tar(0), 0, kTolerance);
  EXPECT_NEAR(tar(.1), .75, kTolerance);
  EXPECT_NEAR(tar(.2), .75, kTolerance);
  EXPECT_NEAR(tar(.3), 1, kTolerance);
  const MegaFaceInput refined{{probes, 5, 2}, {distractors, 2, 2}, person, clean, listed};
  EXPECT_NEAR(score_megaface(refined, 2).cmc[0], .875, kTolerance);
  EXPECT_NEAR(euclidean_rank1(with_noise_dimension(raw.probes, clean), person,
                              with_noise_dimension(raw.distractors, listed), 3),
              .875, kTolerance);
  EXPECT_NEAR(euclidean_rank1(probes, person, distractors, 2), .625, kTolerance);

  // The same seven vectors as leave-one-out retrieval.
  std::vector<float> gallery = probes;
  gallery.insert(gallery.end(), distractors.begin(), distractors.end());
  const std::vector<int64_t> labels = {0, 0, 0, 1, 1, -1, -1}, ids = {0, 1, 2, 3, 4, 5, 6};
  const VectorSet all{gallery, 7, 2, labels, ids};
  const auto retrieval = evaluate_retrieval(all, all, {.ks = {1, 2}, .same_set = true, .bootstrap = 0});
  ASSERT_EQ(retrieval.queries.size(), 5u);
  const double ap[] = {.833333333, 1, .583333333, 1, 1};
  for (size_t i = 0; i < 5; ++i) EXPECT_NEAR(retrieval.queries[i].ap_finite, ap[i], kTolerance);
  const std::pair<const char*, double> want[] = {{"ap.finite", 0.883333333}, {"recall@1", .8}, {"recall@2", 1},
                                                 {"r_precision", .8},        {"map@r", .75},   {"mrr", .9}};
  for (const auto& [name, value] : want) EXPECT_NEAR(retrieval.metrics.at(name), value, kTolerance) << name;
}

}  // namespace
}  // namespace winnow
