// Against scikit-learn where it is at hand (WINNOW_PEERS names a Python with it, default /tmp/venv-peers), and against
// naive code everywhere.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>

#include "src/core/error.h"
#include "src/core/random.h"
#include "src/evaluation/face/all_pairs.h"
#include "src/evaluation/face/clustering.h"
#include "src/evaluation/face/open_set.h"
#include "src/evaluation/face/people_bootstrap.h"
#include "src/evaluation/face/verification.h"
#include "tests/support/temp_dir.h"

namespace winnow {
namespace {

constexpr const char* kScript = R"(
import sys, numpy as np
from sklearn.metrics import roc_curve, roc_auc_score, adjusted_mutual_info_score, normalized_mutual_info_score
folder = sys.argv[1]
y = np.fromfile(folder + '/y.bin', np.int64); s = np.fromfile(folder + '/s.bin', np.float64)
a = np.fromfile(folder + '/a.bin', np.int64); b = np.fromfile(folder + '/b.bin', np.int64)
out = [roc_auc_score(y, s), adjusted_mutual_info_score(a, b), normalized_mutual_info_score(a, b)]
for drop in (True, False):
    f, t, h = roc_curve(y, s, drop_intermediate=drop)
    out += [len(f)] + list(f) + list(t) + list(h[1:])
print(' '.join(repr(float(v)) for v in out))
)";

struct RandomPairs {
  std::vector<double> scores;
  std::vector<FacePair> pairs;
  std::vector<int64_t> truth;
};

RandomPairs random_pairs(int64_t n) {
  RandomPairs out;
  Random random(5, "face-peer");
  for (int64_t i = 0; i < n; ++i) {
    const bool same = random.chance(0.3);
    out.scores.push_back(std::round((same ? 0.3 : 0.0) * 50 + 20 * random.normal()) / 100);  // with ties
    out.pairs.push_back({2 * i, 2 * i + 1, same, 0});
    out.truth.push_back(same);
  }
  return out;
}

TEST(FacePeer, EqualsScikitLearn) {
  const char* named = std::getenv("WINNOW_PEERS");
  const std::string python = named ? named : "/tmp/venv-peers/bin/python";
  if (!std::filesystem::exists(python)) GTEST_SKIP() << "needs a Python with scikit-learn (WINNOW_PEERS)";
  const auto set = random_pairs(3000);
  std::vector<int64_t> a, b;
  Random random(6, "clusters");
  for (int i = 0; i < 900; ++i) {
    a.push_back(static_cast<int64_t>(random.below(40)));
    b.push_back(random.chance(0.6) ? a.back() : static_cast<int64_t>(random.below(55)));
  }
  const test::TempDir dir;
  const auto dump = [&](const char* name, const auto& values) {
    std::ofstream(dir.path() / name, std::ios::binary)
        .write(reinterpret_cast<const char*>(values.data()), static_cast<std::streamsize>(values.size() * 8));
  };
  dump("y.bin", set.truth);
  dump("s.bin", set.scores);
  dump("a.bin", a);
  dump("b.bin", b);
  std::ofstream(dir.path() / "peer.py") << kScript;
  const std::string out = (dir.path() / "out.txt").string();
  ASSERT_EQ(
      std::system((python + " " + (dir.path() / "peer.py").string() + " " + dir.path().string() + " > " + out).c_str()),
      0);
  std::ifstream in(out);
  const auto next = [&] {
    std::string word;
    in >> word;
    return std::strtod(word.c_str(), nullptr);
  };
  const auto scores = collect_scores(set.scores, set.pairs);
  const auto clusters = score_clustering(a, b);
  EXPECT_NEAR(roc_auc(scores), next(), 1e-9);
  EXPECT_NEAR(clusters.ami, next(), 1e-9);
  EXPECT_NEAR(clusters.nmi, next(), 1e-9);
  for (const bool drop : {true, false}) {
    const auto roc = roc_curve(scores, drop);
    ASSERT_EQ(static_cast<double>(roc.size()), next()) << "drop " << drop;
    for (const auto& p : roc) EXPECT_NEAR(p.far, next(), 1e-9);
    for (const auto& p : roc) EXPECT_NEAR(p.tar, next(), 1e-9);
    for (size_t i = 1; i < roc.size(); ++i) EXPECT_NEAR(roc[i].threshold, next(), 1e-9);
  }
}

TEST(Verification, StrictNeverExceedsItsTarget) {
  const auto set = random_pairs(800);
  const auto scores = collect_scores(set.scores, set.pairs);
  for (double far = 0; far <= 1; far += 0.013) {
    const auto point = tar_at_far(scores, far, FarRule::kStrict);
    int64_t accepted = 0, genuine = 0;
    for (size_t i = 0; i < set.scores.size(); ++i) {
      accepted += !set.pairs[i].same && set.scores[i] > *point->threshold;
      genuine += set.pairs[i].same && set.scores[i] > *point->threshold;
    }
    EXPECT_LE(point->far, far + 1e-12);
    EXPECT_EQ(point->false_accepts, accepted);
    EXPECT_EQ(point->accepted, genuine);
    EXPECT_EQ(point->too_few, far * static_cast<double>(scores.impostors) < 30);
  }
}

/// Unit vectors around `people` centres; row 3 is a failed extraction.
std::vector<float> people(int64_t rows, int64_t dim, int64_t count, std::vector<int64_t>& labels) {
  Random random(9, "people");
  std::vector<float> centres, out;
  for (int64_t i = 0; i < count * dim; ++i) centres.push_back(static_cast<float>(random.normal()));
  for (int64_t r = 0; r < rows; ++r) {
    labels.push_back(r % count);
    std::vector<double> v;
    for (int64_t d = 0; d < dim; ++d)
      v.push_back(static_cast<double>(centres[static_cast<size_t>(labels.back() * dim + d)]) + 1.5 * random.normal());
    if (r == 3) std::fill(v.begin(), v.end(), 0.0);
    normalise(v);
    out.insert(out.end(), v.begin(), v.end());
  }
  return out;
}

TEST(AllPairs, EqualsTheNaiveLoop) {
  std::vector<int64_t> labels;
  const auto v = people(150, 24, 12, labels);
  labels[5] = -1;
  for (const int64_t keep : {int64_t{100000}, int64_t{50}}) {
    const AllPairs all = score_all_pairs({v, 150, 24}, labels, {.keep = keep});
    std::vector<double> genuine, impostor;
    for (int64_t i = 0; i < 150; ++i)
      for (int64_t j = i + 1; j < 150; ++j) {
        if (labels[static_cast<size_t>(i)] < 0 || labels[static_cast<size_t>(j)] < 0) continue;
        double sum = 0;
        for (int64_t d = 0; d < 24; ++d)
          sum += static_cast<double>(v[static_cast<size_t>(i * 24 + d)]) *
                 static_cast<double>(v[static_cast<size_t>(j * 24 + d)]);
        if (i == 3 || j == 3) sum = -1;
        (labels[static_cast<size_t>(i)] == labels[static_cast<size_t>(j)] ? genuine : impostor).push_back(sum);
      }
    std::sort(genuine.begin(), genuine.end(), std::greater<>());
    std::sort(impostor.begin(), impostor.end(), std::greater<>());
    ASSERT_EQ(all.scores.genuine.size(), genuine.size());
    ASSERT_EQ(all.scores.impostors, static_cast<int64_t>(impostor.size()));
    EXPECT_EQ(all.scores.complete(), keep > 50);
    for (size_t i = 0; i < genuine.size(); ++i) {
      EXPECT_NEAR(all.scores.genuine[i], genuine[i], 1e-6);
      const auto over =
          std::count_if(impostor.begin(), impostor.end(), [&](double s) { return s > genuine[i] + 1e-6; });
      EXPECT_NEAR(static_cast<double>(all.scores.above[i]), static_cast<double>(over),
                  1);  // a float may fall on the other side
    }
    for (size_t i = 0; i < all.scores.impostor.size(); ++i) EXPECT_NEAR(all.scores.impostor[i], impostor[i], 1e-6);
    EXPECT_EQ(tar_at_far(all.scores, 0.5, FarRule::kStrict).has_value(), all.scores.complete());
  }
}

TEST(OpenSet, StreamedSearchEqualsTheMatrix) {
  std::vector<int64_t> labels;
  const auto v = people(90, 16, 15, labels);
  const std::vector<float> gallery(v.begin() + 60 * 16, v.end()), probes(v.begin(), v.begin() + 60 * 16);
  const std::vector<int64_t> enrolled(labels.begin() + 60, labels.end());
  std::vector<int64_t> subjects(labels.begin(), labels.begin() + 60);
  subjects[7] = -1;
  subjects[8] = 99;
  const auto search = search_gallery({probes, 60, 16}, subjects, {gallery, 30, 16}, enrolled);
  std::vector<double> matrix;
  std::vector<int64_t> rows(90);
  for (int64_t q = 0; q < 60; ++q)
    for (int64_t g = 60; g < 90; ++g) {
      const int64_t a[] = {q}, b[] = {g};
      matrix.push_back(static_cast<double>(score_block({v, 90, 16}, a, b)[0]));
    }
  const auto want = search_matrix(matrix, subjects, enrolled);
  EXPECT_EQ(search.mate_rank, want.mate_rank);
  EXPECT_EQ(search.optimistic, want.optimistic);
  EXPECT_EQ(search.mate_score, want.mate_score);
  EXPECT_EQ(search.nonmated_top, want.nonmated_top);
  EXPECT_EQ(search.nonmated_probe.size(), 2u);
}

TEST(Clustering, HandWorkedValues) {
  // Identities {0,1,2} {3,4}; clusters {0,1} {2,3,4}.
  const std::vector<int64_t> identity = {0, 0, 0, 1, 1}, cluster = {0, 0, 1, 1, 1};
  const auto s = score_clustering(identity, cluster);
  EXPECT_NEAR(s.bcubed_precision, (1 + 1 + 1. / 3 + 2. / 3 + 2. / 3) / 5, 1e-12);
  EXPECT_NEAR(s.bcubed_recall, (2. / 3 + 2. / 3 + 1. / 3 + 1 + 1) / 5, 1e-12);
  EXPECT_NEAR(score_clustering(identity, identity).ami, 1, 1e-12);
  EXPECT_NEAR(score_clustering(identity, identity).nmi, 1, 1e-12);
}

TEST(Clustering, ThresholdJoinsChains) {
  const std::vector<float> v = {1, 0, .9f, .43588989f, .62f, .7846f, -1, 0};
  EXPECT_EQ(threshold_clusters({v, 4, 2}, 0.85), (std::vector<int64_t>{0, 0, 0, 1}));
  EXPECT_EQ(threshold_clusters({v, 4, 2}, 0.95), (std::vector<int64_t>{0, 1, 2, 3}));
}

TEST(PeopleBootstrap, IsWiderThanPairsWhenPeopleMatterAndRepeats) {
  std::vector<FacePair> pairs;
  std::vector<int32_t> person;
  std::vector<double> scores;
  Random random(3, "bootstrap");
  for (int32_t p = 0; p < 20; ++p) {
    const double own = random.normal();  // a person is easy or hard in all of its pairs
    for (int k = 0; k < 20; ++k) {
      pairs.push_back({p, p, true, 0});
      scores.push_back(own + 0.1 * random.normal());
      pairs.push_back({p, (p + 1 + k % 19) % 20, false, 0});
      scores.push_back(-1 + random.normal());
    }
    person.push_back(p);
  }
  const std::vector<double> targets = {0.1};
  const auto known = bootstrap_people(collect_scores(scores, pairs, person), targets, 300, 1);
  const auto again = bootstrap_people(collect_scores(scores, pairs, person), targets, 300, 1);
  EXPECT_EQ(known.people, 20);
  EXPECT_EQ(known.tar[0].low, again.tar[0].low);
  const double tar = tar_at_far(collect_scores(scores, pairs), 0.1, FarRule::kStrict)->tar;
  EXPECT_LT(known.tar[0].low, tar);
  EXPECT_GT(known.tar[0].high, tar);
  EXPECT_GT(known.tar[0].high - known.tar[0].low, 0.2);  // pairs alone would give about 0.1
  EXPECT_THROW(bootstrap_people(collect_scores(scores, pairs), targets, 10, 1), Error);
}

}  // namespace
}  // namespace winnow
