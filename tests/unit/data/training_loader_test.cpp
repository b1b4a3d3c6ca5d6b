#include <map>
#include <thread>

#include "data/loader.h"
#include "data/samplers.h"
#include "tests/unit/data/support.h"

namespace winnow {
namespace {

using test::memory_dataset;

AugmentOptions crops_only() {
  AugmentOptions options;
  options.brightness = options.contrast = options.saturation = 0;
  return options;
}

class TrainingLoader : public testing::Test {
 protected:
  TrainingLoader() : dataset_(memory_dataset(60, 6)), augmentation_(crops_only()) {
    context_.labels = dataset_.labels();
    context_.classes = 6;
    context_.batch = 8;
    context_.seed = 3;
    use("plain");
  }
  void use(const std::string& name) {
    sampler_ = sampler_family().maker(name)(*sampler_family().make_options(name), context_);
  }
  std::vector<ImageBatch> epoch(int threads, int64_t number, int64_t skip = 0, uint64_t seed = 9, bool cache = false) {
    LoaderOptions options;
    options.size = 8;
    options.threads = threads;
    options.max_bad = 0.1;
    options.cache = cache;
    Loader loader(dataset_, options, augmentation_, *sampler_, seed);
    loader.start(number, skip);
    std::vector<ImageBatch> out;
    for (ImageBatch batch; loader.next(batch);) out.push_back(batch);
    return out;
  }
  static void expect_same(const std::vector<ImageBatch>& a, const std::vector<ImageBatch>& b) {
    ASSERT_EQ(a.size(), b.size());
    for (size_t i = 0; i < a.size(); ++i) {
      EXPECT_EQ(a[i].rows, b[i].rows) << "batch " << i;
      EXPECT_EQ(a[i].pixels, b[i].pixels) << "batch " << i;
    }
  }

  Dataset dataset_;
  Augmentation augmentation_;
  SamplerContext context_;
  std::unique_ptr<Sampler> sampler_;
};

TEST_F(TrainingLoader, GivesTheSameBitsForAnyThreadCountAndCache) {
  for (const char* name : {"plain", "balanced"}) {
    use(name);
    const auto one = epoch(1, 2);
    ASSERT_FALSE(one.empty());
    expect_same(one, epoch(2, 2));
    expect_same(one, epoch(4, 2));
    expect_same(one, epoch(3, 2, 0, 9, true));
  }
}

TEST_F(TrainingLoader, FollowsTheSampler) {
  const auto order = sampler_->batches(5);
  const auto batches = epoch(2, 5);
  ASSERT_EQ(batches.size(), order.size());
  for (size_t b = 0; b < order.size(); ++b) {
    EXPECT_EQ(batches[b].positions, order[b]);
    for (size_t i = 0; i < order[b].size(); ++i) EXPECT_EQ(batches[b].rows[i], 100 + order[b][i]);
  }
}

TEST_F(TrainingLoader, EpochsAndSeedsDiffer) {
  EXPECT_NE(epoch(2, 0)[0].rows, epoch(2, 1)[0].rows);
  const auto a = epoch(2, 0, 0, 1), b = epoch(2, 0, 0, 2);
  EXPECT_EQ(a[0].rows, b[0].rows);
  EXPECT_NE(a[0].pixels, b[0].pixels);
}

TEST_F(TrainingLoader, ResumingSkipsBatchesWithoutChangingTheRest) {
  use("balanced");
  const auto whole = epoch(2, 1);
  expect_same({whole.begin() + 3, whole.end()}, epoch(2, 1, 3));
}

TEST_F(TrainingLoader, ALaterDrawOfAPictureIsAugmentedAnew) {
  for (size_t i = 0; i < dataset_.items.size(); ++i) context_.labels[i] = i == 0 ? 0 : 1 + int64_t(i) % 5;
  use("balanced");  // picture 0 is a whole class and comes up many times
  std::map<std::vector<uint8_t>, int> views;
  for (const auto& batch : epoch(2, 0))
    for (size_t i = 0; i < batch.positions.size(); ++i)
      if (batch.positions[i] == 0)
        ++views[{batch.pixels.begin() + long(i * 192), batch.pixels.begin() + long((i + 1) * 192)}];
  EXPECT_GE(views.size(), 5u);
}

TEST_F(TrainingLoader, ABadPictureLeavesItsBatchOthersStay) {
  const auto whole = epoch(2, 0);
  const int64_t victim = whole[1].positions[3];
  static_cast<test::MemoryStore&>(*dataset_.store).files[size_t(victim)].second.resize(40);
  const auto holed = epoch(2, 0);
  EXPECT_EQ(holed[1].size, 7);
  auto expected = whole[1];
  expected.pixels.erase(expected.pixels.begin() + 3 * 192, expected.pixels.begin() + 4 * 192);
  expected.rows.erase(expected.rows.begin() + 3);
  EXPECT_EQ(holed[1].pixels, expected.pixels);
  EXPECT_EQ(holed[1].rows, expected.rows);
  EXPECT_EQ(holed[2].pixels, whole[2].pixels);
}

TEST_F(TrainingLoader, ABoxIsTheSourceOfTheViews) {
  // Left half black, right half white: no view of the right half's box may be dark, but for the half pixel that the
  // filter reaches beyond the box.
  Image image(40, 20);
  for (int y = 0; y < 20; ++y)
    for (int x = 20; x < 40; ++x) std::fill_n(image.at(x, y), 3, uint8_t{255});
  for (size_t i = 0; i < dataset_.items.size(); ++i) {
    static_cast<test::MemoryStore&>(*dataset_.store).files[i].second = test::png_of(image);
    dataset_.items[i].box = Box{20, 0, 40, 20};
  }
  for (const auto& batch : epoch(2, 0))
    for (const uint8_t value : batch.pixels) ASSERT_GT(value, 127);
}

TEST_F(TrainingLoader, AConsumerThatWorksDoesNotWait) {
  LoaderOptions options;
  options.size = 8;
  options.threads = 1;
  Loader loader(dataset_, options, augmentation_, *sampler_, 1);
  loader.start(0);
  ImageBatch batch;
  while (loader.next(batch)) std::this_thread::sleep_for(std::chrono::milliseconds(30));
  const LoaderStats stats = loader.stats();
  // The first batch is made while nothing else runs; a busy machine may add some.
  EXPECT_LT(stats.wait_seconds, 0.2 * stats.total_seconds);
}

}  // namespace
}  // namespace winnow
