#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "src/core/error.h"
#include "src/core/random.h"
#include "src/evaluation/face/all_pairs.h"
#include "src/evaluation/face/megaface.h"
#include "src/evaluation/face/people_bootstrap.h"

namespace winnow {
namespace {

constexpr int64_t kResamples = 200;

struct Case {
  std::vector<FacePair> pairs;
  std::vector<double> scores;
  std::vector<int32_t> person;
  VerificationScores collected() const { return collect_scores(scores, pairs, person); }
};

/// Every person is easy or hard in all of its pairs; scores are coarse, so that many are equal.
Case people_case(int32_t people) {
  Case out;
  Random random(5, "people-threshold");
  for (int32_t p = 0; p < people; ++p) {
    const double own = random.normal();
    for (int k = 0; k < 12; ++k) {
      out.pairs.push_back({p, p, true, 0});
      out.scores.push_back(std::round(10 * (own + 0.1 * random.normal())) / 10);
      out.pairs.push_back({p, (p + 1 + k % (people - 1)) % people, false, 0});
      out.scores.push_back(std::round(10 * (-1 + random.normal())) / 10);
    }
    out.person.push_back(p);
  }
  return out;
}

/// The same resamples by the book: every pair repeated as often as its people were drawn, given to find_threshold.
Interval naive(const VerificationScores& s, const ThresholdTarget& target) {
  std::vector<int32_t> order;  // people by first appearance on the pairs, as they are numbered
  const auto place = [&](int32_t p) {
    const auto at = static_cast<size_t>(std::find(order.begin(), order.end(), p) - order.begin());
    if (at == order.size()) order.push_back(p);
    return at;
  };
  std::vector<size_t> genuine;
  std::vector<std::pair<size_t, size_t>> impostor;
  for (const int32_t p : s.genuine_person) genuine.push_back(place(p));
  for (const auto& [a, b] : s.impostor_people) {
    const size_t x = place(a), y = place(b);
    impostor.emplace_back(x, y);
  }
  std::vector<double> found;
  for (int64_t r = 0; r < kResamples; ++r) {
    std::vector<int64_t> times(order.size());
    Random random(7, "people-bootstrap", static_cast<uint64_t>(r));
    for (size_t i = 0; i < times.size(); ++i) ++times[random.below(times.size())];
    std::vector<FirstHit> hits;
    for (size_t i = 0; i < genuine.size(); ++i)
      hits.insert(hits.end(), static_cast<size_t>(times[genuine[i]]), {s.genuine[i], true, 0, 0});
    for (size_t i = 0; i < impostor.size(); ++i)
      hits.insert(hits.end(), static_cast<size_t>(times[impostor[i].first] * times[impostor[i].second]),
                  {s.impostor[i], false, 0, 0});
    found.push_back(find_threshold(hits, target, 0).score);
  }
  std::sort(found.begin(), found.end());
  const auto at = [&](double share) {
    const double position = share * static_cast<double>(found.size() - 1);
    const auto low = static_cast<size_t>(position);
    const size_t high = std::min(low + 1, found.size() - 1);
    return found[low] + (position - static_cast<double>(low)) * (found[high] - found[low]);
  };
  return {at(0.025), at(0.975)};
}

TEST(PeopleThreshold, EqualsPairsRepeatedAsOftenAsTheirPeopleWereDrawn) {
  const auto scores = people_case(15).collected();
  for (const char* text : {"precision=0.9", "precision=0.6", "recall=0.5", "recall=0.95"}) {
    const auto target = parse_threshold_target(text);
    const auto got = bootstrap_people_threshold(scores, target, kResamples, 7), want = naive(scores, target);
    EXPECT_DOUBLE_EQ(got.low, want.low) << text;
    EXPECT_DOUBLE_EQ(got.high, want.high) << text;
    EXPECT_LT(got.low, got.high) << text;
  }
}

TEST(PeopleThreshold, OneScoreAPersonKindIsItsOwnInterval) {
  Case c;
  for (int32_t p = 0; p < 4; ++p) {
    c.person.push_back(p);
    c.pairs.push_back({p, p, true, 0});
    c.scores.push_back(0.75);
    for (int32_t q = 0; q < p; ++q) {
      c.pairs.push_back({q, p, false, 0});
      c.scores.push_back(0.25);
    }
  }
  const auto interval = bootstrap_people_threshold(c.collected(), parse_threshold_target("precision=0.99"), 100, 1);
  EXPECT_EQ(interval.low, 0.75);
  EXPECT_EQ(interval.high, 0.75);
}

TEST(PeopleThreshold, NeedsPeopleAndAShare) {
  const Case c = people_case(5);
  EXPECT_THROW(
      bootstrap_people_threshold(collect_scores(c.scores, c.pairs), parse_threshold_target("recall=0.5"), 9, 1), Error);
  EXPECT_THROW(bootstrap_people_threshold(c.collected(), parse_threshold_target("far=0.5"), 9, 1), Error);
}

TEST(HistogramBin, EdgesAreClosedAtTheEnds) {
  EXPECT_EQ(histogram_bin(-1), 0u);
  EXPECT_EQ(histogram_bin(-2), 0u);
  EXPECT_EQ(histogram_bin(0), 50u);
  EXPECT_EQ(histogram_bin(0.75f), 87u);
  EXPECT_EQ(histogram_bin(1), 99u);
  EXPECT_EQ(histogram_bin(1.5f), 99u);
}

/// All impostors are counted, also those whose scores are not kept.
TEST(MegaFaceHistogram, EqualsTheNaiveCountsAndDoesNotDependOnWhatIsKept) {
  Random random(9, "megaface-histogram");
  const auto unit = [&](int64_t rows) {
    std::vector<float> out;
    for (int64_t i = 0; i < rows; ++i) {
      const double angle = 6.28 * static_cast<double>(random.below(1000)) / 1000;
      out.push_back(static_cast<float>(std::cos(angle)));
      out.push_back(static_cast<float>(std::sin(angle)));
    }
    return out;
  };
  const auto probes = unit(12), distractors = unit(500);
  std::vector<int64_t> person;
  for (int64_t i = 0; i < 12; ++i) person.push_back(i / 3);
  const MegaFaceInput input{{probes, 12, 2}, {distractors, 500, 2}, person, {}, {}};
  const auto few = score_megaface(input, 1, 10), all = score_megaface(input, 1);
  EXPECT_LT(few.verification.impostor.size(), 6000u);
  ASSERT_EQ(all.verification.impostor.size(), 6000u);
  std::vector<int64_t> impostor(100), genuine(100);
  for (const double score : all.verification.impostor) ++impostor[histogram_bin(static_cast<float>(score))];
  for (const double score : all.verification.genuine) ++genuine[histogram_bin(static_cast<float>(score))];
  EXPECT_EQ(few.impostor_histogram, impostor);
  EXPECT_EQ(all.impostor_histogram, impostor);
  EXPECT_EQ(few.genuine_histogram, genuine);
}

}  // namespace
}  // namespace winnow
