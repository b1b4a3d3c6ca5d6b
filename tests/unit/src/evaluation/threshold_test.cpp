#include "src/evaluation/threshold.h"

#include <gtest/gtest.h>

#include <random>

#include "src/core/error.h"
#include "src/core/parallel.h"

namespace winnow {
namespace {

std::vector<FirstHit> hits_of(const std::vector<double>& scores, const std::vector<int>& right) {
  std::vector<FirstHit> out;
  for (size_t i = 0; i < scores.size(); ++i) out.push_back({scores[i], right[i] != 0, static_cast<int64_t>(i), 0});
  return out;
}

Threshold find(const std::string& target, const std::vector<FirstHit>& hits) {
  return find_threshold(hits, parse_threshold_target(target), 0);
}

TEST(Threshold, HandWorked) {
  const auto hits = hits_of({.9, .8, .8, .7, .6, .5}, {1, 1, 0, 1, 0, 1});
  const auto precise = find("precision=0.75", hits);
  EXPECT_EQ(precise.score, .7);
  EXPECT_EQ(precise.precision, 0.75);
  EXPECT_EQ(precise.recall, 0.75);
  EXPECT_EQ(precise.accepted, 4);
  EXPECT_TRUE(precise.too_few);
  EXPECT_EQ(find("far=0.5", hits).score, .7);
  EXPECT_EQ(find("far=0.4", hits).score, .9);  // a tie is accepted whole: .8 lets the wrong one in
  EXPECT_EQ(find("recall=0.5", hits).score, .8);
  EXPECT_EQ(find("recall=1", hits).score, .5);
}

/// Right accepted, accepted, F1 of 4 right: .9 1/1 .4; .8 2/3 4/7; .7 3/4 .75; .6 3/5 2/3; .5 4/6 .8.
TEST(Threshold, BestF1HandWorked) {
  const auto hits = hits_of({.9, .8, .8, .7, .6, .5}, {1, 1, 0, 1, 0, 1});
  EXPECT_EQ(best_f1_score(hits), .5);
  EXPECT_EQ(best_f1_score(hits_of({.9, .8, .7, .6, .5, .4}, {1, 1, 1, 0, 0, 0})), .7);
  EXPECT_EQ(best_f1_score(hits_of({.2, .9}, {0, 0})), .9);  // equals: the highest
  EXPECT_THROW(best_f1_score({}), Error);
}

TEST(Threshold, BestF1AgainstEveryCandidate) {
  std::mt19937 random(11);
  for (int round = 0; round < 50; ++round) {
    std::vector<double> scores;
    std::vector<int> right;
    for (int i = 0; i < 60; ++i) {
      right.push_back(random() % 2 != 0);
      scores.push_back(static_cast<double>(random() % 40 + (right.back() ? 15 : 0)));
    }
    double best = -1, at = 0;
    for (const double s : scores) {
      double accepted = 0, good = 0, all = 0;
      for (size_t i = 0; i < scores.size(); ++i) {
        accepted += scores[i] >= s;
        good += scores[i] >= s && right[i];
        all += right[i];
      }
      const double f1 = 2 * good / (accepted + all);
      if (f1 > best || (f1 == best && s > at)) {
        best = f1;
        at = s;
      }
    }
    EXPECT_EQ(best_f1_score(hits_of(scores, right)), at) << round;
  }
}

TEST(Threshold, FpirNeedsStrangers) {
  EXPECT_EQ(parse_threshold_target("fpir=0.01").kind, ThresholdTarget::Kind::kFpir);
  EXPECT_THROW(find_threshold(hits_of({.9, .8}, {1, 0}), parse_threshold_target("fpir=0.01"), 0), Error);
}

TEST(Threshold, WhatNoScoreReachesIsSaid) {
  const auto t = find("precision=0.9", hits_of({.9, .8}, {0, 1}));
  EXPECT_FALSE(t.reached);
  EXPECT_THROW(find_threshold({}, {}), Error);
}

TEST(Threshold, LowestReachingScoreAgainstEveryCandidate) {
  std::mt19937 random(3);
  std::vector<double> scores;
  std::vector<int> right;
  for (int i = 0; i < 500; ++i) {
    right.push_back(random() % 3 != 0);
    scores.push_back(static_cast<double>(random() % 200 + (right.back() ? 60 : 0)) / 300.0);
  }
  const auto hits = hits_of(scores, right);
  for (const double wanted : {0.8, 0.9, 0.99}) {
    double best = 2;
    for (const double s : scores) {
      double accepted = 0, good = 0;
      for (size_t i = 0; i < scores.size(); ++i) {
        accepted += scores[i] >= s;
        good += scores[i] >= s && right[i];
      }
      if (good / accepted >= wanted) best = std::min(best, s);
    }
    const auto t = find_threshold(hits, {ThresholdTarget::Kind::kPrecision, wanted}, 0);
    if (best < 2)
      EXPECT_EQ(t.score, best) << wanted;
    else
      EXPECT_FALSE(t.reached) << wanted;
  }
}

TEST(Threshold, IntervalHoldsTheScoreAndDependsOnTheSeedAlone) {
  std::mt19937 random(4);
  std::vector<double> scores;
  std::vector<int> right;
  for (int i = 0; i < 400; ++i) {
    right.push_back(i % 4 != 0);
    scores.push_back(std::uniform_real_distribution<>(right.back() ? 0.3 : 0.0, right.back() ? 1.0 : 0.6)(random));
  }
  const auto hits = hits_of(scores, right);
  const int threads = thread_count();
  const auto t = find_threshold(hits, {ThresholdTarget::Kind::kPrecision, 0.95}, 200, 9);
  set_thread_count(1);
  const auto again = find_threshold(hits, {ThresholdTarget::Kind::kPrecision, 0.95}, 200, 9);
  set_thread_count(threads);
  EXPECT_EQ(t.interval.low, again.interval.low);
  EXPECT_EQ(t.interval.high, again.interval.high);
  EXPECT_LT(t.interval.low, t.interval.high);
  EXPECT_LE(t.interval.low, t.score);
  EXPECT_GE(t.interval.high, t.score);
}

TEST(Threshold, PairsBehindAreTheWrongSideFarthestFirst) {
  const auto behind = hits_behind(hits_of({.9, .8, .7, .2, .1}, {1, 0, 0, 1, 0}), .65, 2);
  ASSERT_EQ(behind.size(), 2u);
  EXPECT_EQ(behind[0].score, .2);
  EXPECT_EQ(behind[1].score, .8);
}

TEST(Threshold, TargetsAreChecked) {
  EXPECT_EQ(parse_threshold_target("far=1e-3").value, 1e-3);
  for (const char* wrong : {"", "far", "far=0", "precision=1.5", "recall=x", "f1=0.5"})
    EXPECT_THROW(parse_threshold_target(wrong), Error) << wrong;
}

}  // namespace
}  // namespace winnow
