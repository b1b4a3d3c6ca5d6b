#include "data/sampler.h"

#include <algorithm>
#include <map>
#include <set>

#include "data/repeated_views.h"
#include "data/samplers.h"
#include "tests/unit/data/support.h"

namespace winnow {
namespace {

using test::error_of;
using testing::ElementsAre;
using testing::HasSubstr;

/// Class c has sizes[c] pictures; the pictures of all classes are interleaved.
SamplerContext context_of(const std::vector<int64_t>& sizes, int64_t batch) {
  SamplerContext context;
  context.classes = static_cast<int64_t>(sizes.size());
  context.batch = batch;
  context.seed = 5;
  const int64_t largest = *std::max_element(sizes.begin(), sizes.end());
  for (int64_t k = 0; k < largest; ++k)
    for (size_t c = 0; c < sizes.size(); ++c)
      if (k < sizes[c]) context.labels.push_back(static_cast<int64_t>(c));
  return context;
}

std::unique_ptr<Sampler> make(const std::string& name, const SamplerContext& context) {
  return sampler_family().maker(name)(*sampler_family().make_options(name), context);
}

std::vector<int64_t> flat(const std::vector<std::vector<int64_t>>& batches) {
  std::vector<int64_t> out;
  for (const auto& batch : batches) out.insert(out.end(), batch.begin(), batch.end());
  return out;
}

TEST(RepeatedViews, HoldsEachBatchSeveralTimesAndPassesTrustOn) {
  const SamplerContext context = context_of({5, 5}, 4);
  const auto plain = make("plain", context);
  const auto twice = repeat_views(make("plain", context), 2);
  EXPECT_EQ(twice->batches_per_epoch(), plain->batches_per_epoch());
  for (int64_t epoch = 0; epoch < 2; ++epoch) {
    const auto once = plain->batches(epoch), both = twice->batches(epoch);
    ASSERT_EQ(both.size(), once.size());
    for (size_t i = 0; i < once.size(); ++i) {
      auto expected = once[i];
      expected.insert(expected.end(), once[i].begin(), once[i].end());
      EXPECT_EQ(both[i], expected);
    }
  }
  EXPECT_FALSE(twice->follows_trust());
  const auto options = sampler_family().make_options("plain");
  dynamic_cast<PlainSamplerOptions&>(*options).least_chance = 0.01;
  const auto follower = repeat_views(sampler_family().maker("plain")(*options, context), 2);
  ASSERT_TRUE(follower->follows_trust());
  std::vector<float> trust(10, 0.0f);
  trust[3] = 1.0f;
  follower->follow(trust);
  const auto order = flat(follower->batches(0));
  EXPECT_GT(std::count(order.begin(), order.end(), 3), 4);
}

TEST(PlainSampler, FollowsTrustAndKeepsTheNumberOfBatches) {
  const SamplerContext context = context_of({50, 50}, 10);
  const auto options = sampler_family().make_options("plain");
  dynamic_cast<PlainSamplerOptions&>(*options).least_chance = 0.25;
  const auto sampler = sampler_family().maker("plain")(*options, context);
  ASSERT_TRUE(sampler->follows_trust());
  const auto before = sampler->batches(4);
  EXPECT_EQ(before, make("plain", context)->batches(4));
  std::vector<float> trust(100, 1.0f);
  std::fill(trust.begin(), trust.begin() + 40, 0.0f);
  sampler->follow(trust);
  EXPECT_EQ(sampler->batches(4), sampler->batches(4));
  int64_t distrusted = 0, all = 0;
  for (int64_t epoch = 0; epoch < 200; ++epoch) {
    const auto order = flat(sampler->batches(epoch));
    EXPECT_EQ(order.size(), 100u);
    all += 100;
    distrusted += std::count_if(order.begin(), order.end(), [](int64_t i) { return i < 40; });
  }
  EXPECT_NEAR(double(distrusted) / double(all), 40 * 0.25 / (40 * 0.25 + 60), 0.02);
  EXPECT_FALSE(make("plain", context)->follows_trust());
  EXPECT_THAT(error_of([&] { sampler->follow({1.0f}); }, ErrorCode::kInternal), HasSubstr("100"));
}

class EverySampler : public testing::TestWithParam<std::string> {};

TEST_P(EverySampler, IsAPureFunctionOfSeedAndEpoch) {
  SamplerContext context = context_of({9, 5, 12, 1, 7, 6, 8, 4, 11, 9, 5, 6, 7, 8, 9, 10, 3, 2}, 12);
  const auto sampler = make(GetParam(), context);
  const auto third = sampler->batches(3);
  EXPECT_NE(sampler->batches(0), third);
  EXPECT_EQ(sampler->batches(3), third);
  EXPECT_EQ(make(GetParam(), context)->batches(3), third);
  context.seed = 6;
  EXPECT_NE(make(GetParam(), context)->batches(3), third);
}

TEST_P(EverySampler, FillsEveryBatchWithPicturesThatExist) {
  const SamplerContext context = context_of({9, 5, 12, 1, 7, 6, 8, 4, 11, 9}, 12);
  const auto sampler = make(GetParam(), context);
  const auto batches = sampler->batches(0);
  EXPECT_EQ(static_cast<int64_t>(batches.size()), sampler->batches_per_epoch());
  EXPECT_EQ(batches.size(), 72u / 12);
  for (const auto& batch : batches) {
    EXPECT_EQ(batch.size(), 12u);
    for (const int64_t item : batch) EXPECT_LT(item, 72);
  }
}

TEST_P(EverySampler, RefusesAnEmptySet) {
  SamplerContext context;
  context.classes = 3;
  context.batch = 12;
  error_of([&] { make(GetParam(), context); }, ErrorCode::kData);
}

INSTANTIATE_TEST_SUITE_P(All, EverySampler, testing::ValuesIn(sampler_family().names()),
                         [](const auto& instance) { return instance.param; });

TEST(SamplerFamily, HasItsMembersWithSummaries) {
  EXPECT_THAT(sampler_family().names(), ElementsAre("plain", "pk", "balanced"));
  for (const auto& name : sampler_family().names()) EXPECT_FALSE(sampler_family().summary(name).empty());
  EXPECT_THAT(error_of([] { sampler_family().maker("plian"); }, ErrorCode::kConfig),
              HasSubstr("did you mean 'plain'?"));
}

TEST(PlainSampler, UsesEveryPictureOnceButTheLastFew) {
  const SamplerContext context = context_of({10, 13}, 5);
  auto seen = flat(make("plain", context)->batches(0));
  EXPECT_EQ(seen.size(), 20u);
  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(std::unique(seen.begin(), seen.end()), seen.end());
}

TEST(PlainSampler, KeepsTheLastBatchWhenAsked) {
  PlainSamplerOptions options;
  options.drop_last = false;
  const auto sampler = make_plain_sampler(options, context_of({10, 13}, 5));
  const auto batches = sampler->batches(0);
  EXPECT_EQ(sampler->batches_per_epoch(), 5);
  EXPECT_EQ(batches.back().size(), 3u);
  EXPECT_EQ(flat(batches).size(), 23u);
}

TEST(PlainSampler, DealsAFixedNumberOfPicturesInRounds) {
  PlainSamplerOptions options;
  options.items = 60;
  auto seen = flat(make_plain_sampler(options, context_of({10, 13}, 5))->batches(2));
  ASSERT_EQ(seen.size(), 60u);
  std::vector<int64_t> counts(23);
  for (const int64_t item : seen) ++counts[static_cast<size_t>(item)];
  const auto [least, most] = std::minmax_element(counts.begin(), counts.end());
  EXPECT_EQ(*least, 2);
  EXPECT_EQ(*most, 3);
}

TEST(PlainSampler, KeepsTheOnlyBatch) { EXPECT_EQ(make("plain", context_of({1}, 64))->batches(0).at(0).size(), 1u); }

TEST(PkSampler, DrawsPClassesWithKDifferentPictures) {
  const SamplerContext context = context_of({9, 5, 12, 4, 7, 6, 8, 4}, 12);  // P = 3, K = 4
  for (const auto& batch : make("pk", context)->batches(1)) {
    std::map<int64_t, std::set<int64_t>> by_class;
    for (const int64_t item : batch) by_class[context.labels[static_cast<size_t>(item)]].insert(item);
    EXPECT_EQ(by_class.size(), 3u);
    for (const auto& [label, items] : by_class) EXPECT_EQ(items.size(), 4u) << "class " << label;
  }
}

TEST(PkSampler, DrawsEveryClassEquallyOften) {
  const SamplerContext context = context_of({100, 4, 30, 4, 50, 6, 8}, 12);
  std::map<int64_t, int64_t> count;
  for (const int64_t item : flat(make("pk", context)->batches(0))) ++count[context.labels[static_cast<size_t>(item)]];
  ASSERT_EQ(count.size(), 7u);
  const auto [low, high] =
      std::minmax_element(count.begin(), count.end(), [](auto& a, auto& b) { return a.second < b.second; });
  EXPECT_LE(high->second - low->second, 4);
}

TEST(PkSampler, RepeatsWithinASmallClassEvenly) {
  const SamplerContext context = context_of({3, 1, 20}, 12);
  for (const auto& batch : make("pk", context)->batches(0)) {
    std::map<int64_t, int> count;
    for (const int64_t item : batch) ++count[item];
    for (const auto& [item, times] : count) {
      const int64_t label = context.labels[static_cast<size_t>(item)];
      EXPECT_LE(times, label == 0 ? 2 : label == 1 ? 4 : 1);
    }
  }
}

TEST(PkSampler, ChecksItsNumbersAgainstTheBatchAndTheClasses) {
  PkSamplerOptions options;
  options.classes = 4;
  EXPECT_THAT(error_of(
                  [&] {
                    make_pk_sampler(options, context_of({9, 9, 9, 9}, 12));
                  },
                  ErrorCode::kConfig),
              HasSubstr("must equal the batch of 12, got 4 classes x 4 pictures"));
  EXPECT_THAT(error_of([&] { make("pk", context_of({9, 9}, 12)); }, ErrorCode::kConfig), HasSubstr("the data have 2"));
  error_of([&] { make("pk", context_of({9, 9, 9, 9}, 14)); }, ErrorCode::kConfig);
  error_of([&] { make("pk", context_of({9, 9, 9, 9}, 3)); }, ErrorCode::kConfig);
}

TEST(BalancedSampler, DrawsClassesAndTheirPicturesEvenly) {
  const SamplerContext context = context_of({90, 3, 17}, 10);
  std::map<int64_t, int64_t> by_class, by_item;
  for (const int64_t item : flat(make("balanced", context)->batches(0))) {
    ++by_class[context.labels[static_cast<size_t>(item)]];
    ++by_item[item];
  }
  for (const auto& [label, count] : by_class) EXPECT_NEAR(double(count), 110.0 / 3, 1.0) << label;
  for (const auto& [item, count] : by_item) {
    const int64_t label = context.labels[static_cast<size_t>(item)];
    const double share = (110.0 / 3) / (label == 0 ? 90 : label == 1 ? 3 : 17);
    EXPECT_NEAR(double(count), share, 1.01) << "item " << item;
  }
}

TEST(ClassSamplers, PassOverPicturesWithoutALabel) {
  SamplerContext context = context_of({8, 8, 8}, 12);
  for (size_t i = 0; i < context.labels.size(); i += 4) context.labels[i] = -1;
  for (const char* name : {"pk", "balanced"})
    for (const int64_t item : flat(make(name, context)->batches(0)))
      EXPECT_GE(context.labels[static_cast<size_t>(item)], 0);
  context.labels[1] = 3;
  error_of([&] { make("balanced", context); }, ErrorCode::kShape);
}

TEST(Deck, NeverDealsAValueTwoTimesMoreOftenThanAnother) {
  Random random(1, "deck");
  Deck deck({0, 1, 2, 3, 4, 5, 6});
  std::vector<int> count(7, 0);
  for (const size_t n : {3u, 5u, 7u, 1u, 16u, 4u, 6u, 23u, 2u}) {
    const auto drawn = deck.draw(n, random);
    EXPECT_EQ(std::set<int64_t>(drawn.begin(), drawn.end()).size(), std::min<size_t>(n, 7));
    for (const int64_t value : drawn) ++count[static_cast<size_t>(value)];
    const auto [low, high] = std::minmax_element(count.begin(), count.end());
    EXPECT_LE(*high - *low, 2) << "after a draw of " << n;
  }
}

TEST(Coverage, CountsUsedRepeatedAndMissing) {
  struct Fixed : Sampler {
    std::vector<std::vector<int64_t>> batches(int64_t) const override { return {{0, 1, 1}, {2, 1}}; }
    int64_t batches_per_epoch() const override { return 2; }
  };
  SamplerContext context;
  context.labels = {0, 0, 1, 2, -1};
  context.classes = 4;
  const Coverage coverage = epoch_coverage(Fixed(), 0, context);
  EXPECT_EQ(coverage.items, 5);
  EXPECT_EQ(coverage.used, 3);
  EXPECT_EQ(coverage.repeated_items, 1);
  EXPECT_EQ(coverage.unused_classes, 2);
  EXPECT_EQ(coverage.text(), "epoch uses 3 of 5 pictures, 1 of them more than once; 2 of 4 classes never");
  EXPECT_THAT((Coverage{2640, 2624, 81, 0, 0}.text()), HasSubstr("2,624 of 2,640 pictures"));
}

}  // namespace
}  // namespace winnow
