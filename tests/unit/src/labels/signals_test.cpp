#include "src/labels/signals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "src/core/random.h"
#include "src/labels/estimate.h"
#include "src/labels/suspects.h"
#include "tests/support/expect_error.h"

namespace winnow {
namespace {

using test::error_of;
using testing::ElementsAre;
using testing::HasSubstr;

const std::vector<std::string> kNames = {"apple", "pear", "plum"};

/// Unit vectors around three axes; every `nth` row carries the next class's label.
struct Clusters {
  std::vector<float> values;
  std::vector<int64_t> labels, right;
  explicit Clusters(int64_t each, int64_t nth, float spread = 0.15f) {
    for (int64_t i = 0; i < 3 * each; ++i) {
      Random random(3, "test", static_cast<uint64_t>(i));
      float v[8], norm = 0;
      for (int d = 0; d < 8; ++d) v[d] = (d == i % 3 ? 1.0f : 0.0f) + spread * static_cast<float>(random.normal());
      for (const float x : v) norm += x * x;
      for (const float x : v) values.push_back(x / std::sqrt(norm));
      right.push_back(i % 3);
      labels.push_back(nth > 0 && i % nth == 0 ? (i + 1) % 3 : i % 3);
    }
  }
  UnitVectors vectors() const { return {values, static_cast<int64_t>(labels.size()), 8}; }
  GivenLabels given() const { return {labels, kNames}; }
};

/// Plain loops over all pairs.
NeighbourTable naive_neighbours(const UnitVectors& v, int64_t k) {
  NeighbourTable out{{}, {}, v.rows, k};
  for (int64_t i = 0; i < v.rows; ++i) {
    std::vector<std::pair<float, int32_t>> all;
    for (int64_t j = 0; j < v.rows; ++j) {
      float sum = 0;
      for (int64_t d = 0; d < v.dim; ++d) sum += v.row(i)[d] * v.row(j)[d];
      if (i != j) all.emplace_back(-sum, static_cast<int32_t>(j));
    }
    std::sort(all.begin(), all.end());
    for (int64_t j = 0; j < k; ++j) {
      out.rows.push_back(all[static_cast<size_t>(j)].second);
      out.cosines.push_back(-all[static_cast<size_t>(j)].first);
    }
  }
  return out;
}

double separation(const std::vector<float>& wrong, const Clusters& data) {
  double right = 0, pairs = 0;
  for (size_t i = 0; i < wrong.size(); ++i)
    for (size_t j = 0; j < wrong.size(); ++j)
      if (data.labels[i] != data.right[i] && data.labels[j] == data.right[j]) {
        right += wrong[i] > wrong[j] ? 1 : wrong[i] == wrong[j] ? 0.5 : 0;
        ++pairs;
      }
  return right / pairs;
}

TEST(Signals, VectorsFindSwappedLabelsAndTheRightClass) {
  const Clusters data(60, 7);
  const auto table = naive_neighbours(data.vectors(), 10);
  for (const auto& signal : {neighbour_signal(table, data.given()), prototype_signal(data.vectors(), data.given()),
                             subcentre_signal(data.vectors(), data.given())}) {
    EXPECT_GT(separation(signal.wrong, data), 0.98) << signal.name;
    for (size_t i = 0; i < data.labels.size(); ++i)
      if (data.labels[i] != data.right[i]) {
        EXPECT_EQ(signal.suggested[i], data.right[i]) << signal.name << " row " << i;
      }
  }
}

// Two of three neighbours say pear; the K-th counts with weight 0.1.
TEST(Signals, NeighbourVoteByHand) {
  const std::vector<int64_t> labels = {0, 1, 1, 0};
  const NeighbourTable table{
      {1, 2, 3, -1, -1, -1, -1, -1, -1, -1, -1, -1}, {.9f, .8f, .5f, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 4, 3};
  const auto signal = neighbour_signal(table, {labels, kNames});
  const double pear = 0.1 + 0.8 + 0.1 + 0.6, apple = 0.1, prior = 0.05 * (pear + apple);
  EXPECT_NEAR(signal.wrong[0], (pear + prior) / (pear + apple + 2 * prior), 1e-5);
  EXPECT_EQ(signal.suggested[0], 1);
  EXPECT_EQ(signal.reason(0), "of the 3 nearest pictures 2 are pear and 1 are apple");
  EXPECT_NEAR(signal.wrong[1], 0.5, 1e-6) << "no neighbour, no opinion";
}

TEST(Signals, ProbabilitiesByHand) {
  const std::vector<float> p = {.6f, .3f, .1f, .1f, .8f, .1f, .2f, .2f, .6f};
  const std::vector<int64_t> labels = {0, 0, 2};
  const auto signal = probability_signal({p, 3, 3}, {labels, kNames});
  const double own = .01 / .66, odds = own / (1 - own) / 2;  // class 0 is twice as frequent as one in three
  EXPECT_NEAR(signal.wrong[1], 1 / (1 + odds), 1e-5);
  EXPECT_EQ(signal.suggested[1], 1);
  EXPECT_EQ(signal.reason(1), "the classifier gives apple 10 % and pear 80 %");
}

TEST(Signals, DynamicsByHand) {
  const std::vector<int64_t> labels = {0, 0, 2};
  const float none = std::nanf("");
  const Dynamics dynamics{{.6f, .1f, none}, {1, 1, -1}, {.3f, .8f, none}, {.46f, .66f, none}};
  const auto signal = dynamics_signal(dynamics, {labels, kNames});
  const double own = .01 / .66, odds = own / (1 - own) / 2;  // class 0 is twice as frequent as one in three
  EXPECT_NEAR(signal.wrong[1], 1 / (1 + odds), 1e-5);
  EXPECT_LT(signal.wrong[0], .5f);
  EXPECT_TRUE(std::isnan(signal.wrong[2]));
  EXPECT_EQ(signal.suggested[1], 1);
  EXPECT_EQ(signal.reason(1), "while it learnt, the network gave apple 10 % and pear 80 %");
  EXPECT_EQ(signal.reason(2), "training never saw it");
  const std::vector<int64_t> two = {0, 1};
  EXPECT_EQ(test::error_of(ErrorCode::kShape, [&] { dynamics_signal(dynamics, {two, kNames}); }).empty(), false);
}

TEST(Signals, DoubtedRowsAreCountedAsConfidentLearningDoes) {
  // Average certainty: class 0 .5, class 1 .8. Row 1 reaches class 1's and not its own; rows 0, 3, 4 keep theirs; row 2
  // reaches neither. Class 0 has three rows of which one of two sure ones moved.
  const std::vector<int64_t> labels = {0, 0, 0, 1, 1};
  const Dynamics dynamics{{.9f, .15f, .45f, .8f, .8f}, {1, 1, 1, 0, 0}, {.1f, .85f, .55f, .2f, .2f}, {1, 1, 1, 1, 1}};
  const std::vector<std::string> names = {"a", "b"};
  EXPECT_EQ(count_doubted(dynamics, {labels, names}), 2);  // 3 rows * 1 / 2, rounded
}

TEST(Signals, RecordsByHand) {
  const std::vector<int64_t> labels = {0, 1, 2};
  const GivenLabels given{labels, kNames};
  EXPECT_THAT(trust_signal({1, .25f, 0}, given).wrong, ElementsAre(0, .75f, 1));
  const auto votes = vote_signal({{0, 2, -1}, {0, 2, -1}, {1, 1, -1}}, given);
  EXPECT_FLOAT_EQ(votes.wrong[0], 1.5f / 4);
  EXPECT_FLOAT_EQ(votes.wrong[1], 2.5f / 4);
  EXPECT_TRUE(std::isnan(votes.wrong[2]));
  EXPECT_EQ(votes.suggested[1], 2);
  EXPECT_EQ(votes.reason(1), "1 of 3 people say pear");
  const std::vector<std::pair<int64_t, int64_t>> pairs = {{0, 2}};
  const auto twins = duplicate_signal(pairs, given);
  EXPECT_EQ(twins.suggested[0], 2);
  EXPECT_EQ(twins.suggested[2], 0);
  EXPECT_TRUE(std::isnan(twins.wrong[1]));
}

TEST(Signals, TwinsComeFirstWhateverOthersSay) {
  const std::vector<int64_t> labels = {0, 1, 2};
  const GivenLabels given{labels, kNames};
  const std::vector<std::pair<int64_t, int64_t>> pairs = {{0, 2}};
  const auto combined = combine_signals({trust_signal({1, 0, 1}, given), duplicate_signal(pairs, given)});
  EXPECT_GT(combined.wrong[0], combined.wrong[1]);
  EXPECT_GT(combined.wrong[2], combined.wrong[1]);
}

TEST(Signals, BadInput) {
  const std::vector<int64_t> labels = {0, 1};
  const GivenLabels given{labels, kNames};
  EXPECT_THAT(error_of(ErrorCode::kData,
                       [&] {
                         trust_signal({1, 1.5f}, given);
                       }),
              HasSubstr("row 1: trust must be in 0..1"));
  error_of(ErrorCode::kShape, [&] { trust_signal({1}, given); });
  error_of(ErrorCode::kShape, [&] { combine_signals({}); });
  error_of(ErrorCode::kData, [&] { vote_signal({{0, 7}}, given); });
  const std::vector<float> v = {1, 0, 0, 1};
  const std::vector<int64_t> unknown = {0, 3};
  EXPECT_THAT(error_of(ErrorCode::kData, [&] { prototype_signal({v, 2, 2}, {unknown, kNames}); }), HasSubstr("got 3"));
}

TEST(Estimate, RateOfClustersIsCovered) {
  for (const int64_t nth : {4, 7, 10}) {
    const Clusters data(120, nth);
    const auto table = naive_neighbours(data.vectors(), 10);
    const auto combined =
        combine_signals({neighbour_signal(table, data.given()), prototype_signal(data.vectors(), data.given())});
    const auto estimate = estimate_noise(combined, data.given());
    double truth = 0;
    for (size_t i = 0; i < data.labels.size(); ++i)
      truth += data.labels[i] != data.right[i] ? 1.0 / static_cast<double>(data.labels.size()) : 0;
    EXPECT_NEAR(estimate.rate.value, truth, 0.03) << nth;
    EXPECT_LE(estimate.rate.low, truth + 0.01);
    EXPECT_GE(estimate.rate.high, truth - 0.01);
    EXPECT_EQ(estimate.rate.value, estimate_noise(combined, data.given()).rate.value) << "same input, same numbers";
  }
}

TEST(Estimate, NoErrorsAtAllSaysWithWhatCertainty) {
  const Clusters data(200, 0);
  const auto combined = combine_signals({prototype_signal(data.vectors(), data.given())});
  const auto estimate = estimate_noise(combined, data.given());
  EXPECT_EQ(estimate.suspects, 0);
  EXPECT_EQ(estimate.rate.value, 0);
  EXPECT_NEAR(estimate.rate.high, 0.0064, 0.001);
  EXPECT_THAT(estimate.certainty, HasSubstr("no wrong label is seen among 600 rows; with 95 % certainty at most 0.6"));
}

TEST(Estimate, OneClassAndMissingClass) {
  const std::vector<float> v = {1, 0, 1, 0, 1, 0};
  const std::vector<int64_t> labels = {0, 0, 0};
  const std::vector<std::string> one = {"only"};
  const auto alone = combine_signals({prototype_signal({v, 3, 2}, {labels, one})});
  EXPECT_EQ(estimate_noise(alone, {labels, one}).suspects, 0);
  const auto three = combine_signals({prototype_signal({v, 3, 2}, {labels, kNames})});
  const auto estimate = estimate_noise(three, {labels, kNames});
  EXPECT_EQ(estimate.by_class[1].high, 1.0) << "nothing is known about a class without a row";
}

TEST(Suspects, OrderReasonsAndEvidence) {
  const Clusters data(60, 7);
  const auto table = naive_neighbours(data.vectors(), 10);
  const std::vector<Signal> signals = {neighbour_signal(table, data.given()),
                                       prototype_signal(data.vectors(), data.given())};
  const auto combined = combine_signals(signals);
  const auto estimate = estimate_noise(combined, data.given());
  const auto suspects = rank_suspects({data.given(), signals, combined, estimate, &table, 0});
  ASSERT_EQ(suspects.size(), data.labels.size());
  for (size_t s = 1; s < suspects.size(); ++s) EXPECT_GE(suspects[s - 1].score, suspects[s].score);
  EXPECT_NE(data.labels[static_cast<size_t>(suspects[0].position)],
            data.right[static_cast<size_t>(suspects[0].position)]);
  EXPECT_THAT(suspects[0].reason, HasSubstr("nearest pictures"));
  EXPECT_FALSE(suspects[0].near_suggested.empty());
  EXPECT_EQ(suspects[0].kind, "swap");
}

}  // namespace
}  // namespace winnow
