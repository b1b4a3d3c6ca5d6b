#include "src/evaluation/truth.h"

#include <gtest/gtest.h>

#include "src/core/error.h"
#include "tests/unit/src/evaluation/evaluation_fixture.h"

namespace winnow {
namespace {

/// Masks and lists against a plain sort: ignored rows are taken out of the sorted list, then ranks are read off.
void expect_equals_sorted(const test::Rows& queries, const test::Rows& gallery, const Truth& truth) {
  RetrievalOptions options;
  options.bootstrap = 0;
  options.metrics = {"inp", "recall@5.true"};
  const auto result = evaluate_retrieval(queries.view(), gallery.view(), truth, options);
  size_t at = 0;
  for (size_t q = 0; q < queries.labels.size(); ++q) {
    std::vector<std::pair<float, int64_t>> items;
    int64_t ignored = 0;
    for (size_t g = 0; g < gallery.labels.size(); ++g) {
      float score = 0;
      for (int64_t k = 0; k < queries.dim; ++k)
        score += queries.vectors[q * queries.dim + k] * gallery.vectors[g * queries.dim + k];
      const Role role = truth.role(static_cast<int64_t>(q), static_cast<int64_t>(g));
      ignored += role == Role::kIgnored;
      if (role != Role::kIgnored) items.push_back({score, static_cast<int64_t>(g)});
    }
    std::sort(items.begin(), items.end(), [&](const auto& a, const auto& b) {
      return a.first != b.first ? a.first > b.first : gallery.ids[a.second] < gallery.ids[b.second];
    });
    double hits = 0, sum = 0, last = 0, in_five = 0;
    for (size_t i = 0; i < items.size(); ++i)
      if (truth.role(static_cast<int64_t>(q), items[i].second) == Role::kRelevant) {
        sum += ++hits / static_cast<double>(i + 1);
        last = static_cast<double>(i + 1);
        in_five += i < 5;
      }
    if (hits == 0) continue;
    const auto& fast = result.queries[at++];
    ASSERT_EQ(fast.query_row, static_cast<int64_t>(q));
    ASSERT_EQ(fast.relevant, static_cast<int64_t>(hits));
    ASSERT_EQ(fast.ignored, ignored);
    ASSERT_NEAR(fast.ap_finite, sum / hits, 1e-12);
    ASSERT_NEAR(fast.extra[0], hits / last, 1e-12);
    ASSERT_NEAR(fast.extra[1], in_five / hits, 1e-12);
    for (size_t i = 0; i < fast.top.size(); ++i) ASSERT_EQ(fast.top[i].gallery_row, items[i].second);
  }
  ASSERT_EQ(at, result.queries.size());
}

TEST(Truth, CamerasSequencesAndTheQueryItselfAgainstASort) {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    const auto set = test::random_rows(seed, 240, 2, 20);
    std::vector<int64_t> camera, sequence;
    for (size_t i = 0; i < set.labels.size(); ++i) {
      camera.push_back(static_cast<int64_t>(i * 7 % 4) - 1);
      sequence.push_back(static_cast<int64_t>(i / 3 % 50) - 1);
    }
    const Masks cameras{camera, camera, {}, {}}, sequences{{}, {}, sequence, sequence},
        both{camera, camera, sequence, sequence};
    for (const Masks& masks : {Masks{}, cameras, sequences, both})
      for (const bool same : {true, false})
        expect_equals_sorted(set, set, LabelTruth(set.view(), set.view(), same, masks));
  }
}

TEST(Truth, ListsWithJunkAgainstASort) {
  std::mt19937 random(8);
  const auto queries = test::random_rows(5, 40, 2, 3), gallery = test::random_rows(6, 300, 2, 3);
  std::vector<ListTruth::Lists> lists(40);
  for (auto& l : lists) {
    for (unsigned i = random() % 12; i > 0; --i) l.positive.push_back(random() % 300);
    for (unsigned i = random() % 60; i > 0; --i) l.ignored.push_back(random() % 300);
  }
  expect_equals_sorted(queries, gallery, ListTruth(lists, 300));
  lists[0].positive = {300};
  EXPECT_THROW(ListTruth(lists, 300), Error);
}

TEST(Truth, SharedLabelsAgainstASort) {
  std::mt19937_64 random(9);
  const auto queries = test::random_rows(7, 30, 2, 3), gallery = test::random_rows(8, 200, 2, 3);
  std::vector<uint64_t> a, b;
  for (int i = 0; i < 60; ++i) a.push_back(random() & random() & random() & random());
  for (int i = 0; i < 400; ++i) b.push_back(random() & random() & random() & random());
  expect_equals_sorted(queries, gallery, ShareTruth(a, b, 2, {}));
}

TEST(Truth, JunkAnywhereChangesNothing) {
  const auto queries = test::random_rows(11, 30, 3, 4);
  auto gallery = test::random_rows(12, 200, 3, 4);
  std::vector<ListTruth::Lists> lists(30);
  for (size_t q = 0; q < 30; ++q)
    for (int64_t g = static_cast<int64_t>(q); g < 200; g += 17) lists[q].positive.push_back(g);
  RetrievalOptions options;
  options.bootstrap = 0;
  const auto before = evaluate_retrieval(queries.view(), gallery.view(), ListTruth(lists, 200), options);
  const auto junk = test::random_rows(13, 50, 3, 4);
  gallery.vectors.insert(gallery.vectors.end(), junk.vectors.begin(), junk.vectors.end());
  for (int64_t i = 0; i < 50; ++i) {
    gallery.labels.push_back(0);
    gallery.ids.push_back(-1000 - i);
    for (auto& l : lists) l.ignored.push_back(200 + i);
  }
  const auto after = evaluate_retrieval(queries.view(), gallery.view(), ListTruth(lists, 250), options);
  EXPECT_EQ(before.metrics, after.metrics);
}

TEST(Truth, MasksNeedBothSidesAndEveryRow) {
  const auto set = test::random_rows(1, 10, 2, 3);
  const std::vector<int64_t> ten(10), nine(9);
  EXPECT_THROW(LabelTruth(set.view(), set.view(), true, {ten, nine, {}, {}}), Error);
  EXPECT_THROW(LabelTruth(set.view(), set.view(), true, {ten, {}, {}, {}}), Error);
}

}  // namespace
}  // namespace winnow
