#include "data/loader.h"

#include <atomic>
#include <thread>

#include "src/image/transform.h"
#include "tests/unit/data/support.h"

namespace winnow {
namespace {

using test::error_of;
using test::memory_dataset;
using testing::ElementsAre;
using testing::HasSubstr;

LoaderOptions small(int threads = 2) {
  LoaderOptions options;
  options.size = 8;
  options.threads = threads;
  options.prefetch = 2;
  return options;
}

std::vector<ImageBatch> all_of(Loader& loader) {
  std::vector<ImageBatch> out;
  for (ImageBatch batch; loader.next(batch);) out.push_back(batch);
  return out;
}

test::MemoryStore& store_of(Dataset& dataset) { return static_cast<test::MemoryStore&>(*dataset.store); }

TEST(Loader, GivesEveryItemInOrderWithItsRow) {
  const Dataset d = memory_dataset(10, 3);
  Loader loader(d, small(), 4);
  loader.start(0);
  const auto batches = all_of(loader);
  ASSERT_EQ(batches.size(), 3u);
  EXPECT_EQ(loader.batches(), 3);
  EXPECT_EQ(batches[2].size, 2);
  EXPECT_THAT(batches[1].rows, ElementsAre(104, 105, 106, 107));
  EXPECT_THAT(batches[1].positions, ElementsAre(4, 5, 6, 7));
  EXPECT_THAT(batches[1].labels, ElementsAre(1, 2, 0, 1));
  EXPECT_EQ(batches[1].pixels.size(), 4u * 8 * 8 * 3);
  EXPECT_EQ(loader.stats().images, 10);
}

TEST(Loader, PixelsAreTheEvaluationView) {
  Dataset d = memory_dataset(3, 3);
  d.items[1].box = Box{2, 3, 12, 15};
  Loader loader(d, small(), 3);
  loader.start(0);
  ImageBatch batch;
  ASSERT_TRUE(loader.next(batch));
  for (int i = 0; i < 3; ++i) {
    const Image source = test::make_picture(20 + i, 18 + i, i);
    const Image view = i == 1 ? evaluation_view(source, Box{2, 3, 12, 15}, small()) : evaluation_view(source, small());
    const size_t bytes = 8 * 8 * 3, at = static_cast<size_t>(i) * bytes;
    EXPECT_EQ(std::vector<uint8_t>(batch.pixels.begin() + long(at), batch.pixels.begin() + long(at + bytes)),
              view.pixels)
        << i;
  }
}

TEST(Loader, SkipsBatchesForResume) {
  const Dataset d = memory_dataset(10, 3);
  Loader loader(d, small(), 4);
  loader.start(0, 2);
  EXPECT_THAT(all_of(loader).at(0).positions, ElementsAre(8, 9));
  loader.start(0, 7);
  EXPECT_TRUE(all_of(loader).empty());
}

TEST(Loader, RestartsInMidEpochAndStopsAnywhere) {
  const Dataset d = memory_dataset(40, 3);
  for (int taken = 0; taken < 5; ++taken) {
    Loader loader(d, small(3), 4);
    ImageBatch batch;
    EXPECT_FALSE(loader.next(batch));  // before start()
    loader.start(0);
    for (int i = 0; i < taken; ++i) ASSERT_TRUE(loader.next(batch));
    loader.start(1);
    ASSERT_TRUE(loader.next(batch));
    EXPECT_EQ(batch.positions[0], 0);
  }
  // And never used at all.
  Loader idle(d, small(), 4);
}

TEST(Loader, LeavesOutAndNamesBadPictures) {
  Dataset d = memory_dataset(12, 3);
  store_of(d).files[5].second.resize(50);
  store_of(d).files[6].second.clear();
  d.items[7].path = "gone.png";
  d.items[8].box = Box{500, 500, 600, 600};
  LoaderOptions options = small();
  options.max_bad = 0.5;
  Loader loader(d, options, 4);
  for (int epoch = 0; epoch < 2; ++epoch) {
    loader.start(epoch);
    const auto batches = all_of(loader);
    ASSERT_EQ(batches.size(), 3u);
    EXPECT_THAT(batches[1].positions, ElementsAre(4));
    EXPECT_EQ(batches[1].pixels.size(), 8u * 8 * 3);
    EXPECT_THAT(batches[2].positions, ElementsAre(9, 10, 11));
    const auto bad = loader.stats().bad;
    ASSERT_EQ(bad.size(), 4u) << "each picture once, over all epochs";
    EXPECT_THAT(bad[0], HasSubstr("5.png: "));
    EXPECT_THAT(bad[2], HasSubstr("gone.png: "));
    EXPECT_EQ(loader.stats().images, 8);
  }
  // What follows a bad picture moves up with its own pixels.
  const Dataset clean = memory_dataset(12, 3);
  Loader reference(clean, small(), 3);
  reference.start(0, 3);
  loader.start(0, 2);
  EXPECT_EQ(all_of(loader).at(0).pixels, all_of(reference).at(0).pixels);
}

TEST(Loader, PassesOverABatchThatIsLeftEmpty) {
  Dataset d = memory_dataset(4, 2);
  store_of(d).files[0].second.resize(50);
  store_of(d).files[1].second.resize(50);
  LoaderOptions options = small();
  options.max_bad = 0.5;
  Loader loader(d, options, 2);
  loader.start(0);
  const auto batches = all_of(loader);
  ASSERT_EQ(batches.size(), 1u);
  EXPECT_THAT(batches[0].positions, ElementsAre(2, 3));
}

TEST(Loader, StopsAboveMaxBad) {
  Dataset d = memory_dataset(100, 2);
  store_of(d).files[3].second.resize(50);
  LoaderOptions options = small();
  options.max_bad = 0.01;
  {
    Loader loader(d, options, 10);
    loader.start(0);
    EXPECT_EQ(all_of(loader).size(), 10u);
  }
  store_of(d).files[57].second.resize(50);
  Loader loader(d, options, 10);
  loader.start(0);
  ImageBatch batch;
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(loader.next(batch));
  const std::string message = error_of([&] { loader.next(batch); }, ErrorCode::kData);
  EXPECT_THAT(message, HasSubstr("so far 2 are"));
  EXPECT_THAT(message, HasSubstr("57.png: "));
}

/// Counts reads, and blocks or fails on demand.
class CountingStore : public ImageStore {
 public:
  explicit CountingStore(std::shared_ptr<ImageStore> inner) : inner_(std::move(inner)) {}
  std::vector<std::byte> read(const std::string& path) const override {
    ++reads;
    if (fail) throw Error(ErrorCode::kDevice, "disk on fire");
    if (delay_ms > 0) std::this_thread::sleep_for(std::chrono::milliseconds(delay_ms));
    return inner_->read(path);
  }
  bool contains(const std::string& path) const override { return inner_->contains(path); }
  mutable std::atomic<int> reads{0};
  std::atomic<bool> fail{false};
  int delay_ms = 0;

 private:
  std::shared_ptr<ImageStore> inner_;
};

TEST(Loader, CachesDecodedPicturesUpToItsBound) {
  Dataset d = memory_dataset(10, 2);
  auto store = std::make_shared<CountingStore>(d.store);
  d.store = store;
  LoaderOptions options = small(1);
  options.cache = true;
  Loader loader(d, options, 5);
  loader.start(0);
  const auto first = all_of(loader);
  loader.start(1);
  const auto second = all_of(loader);
  EXPECT_EQ(store->reads, 10);
  EXPECT_EQ(first[1].pixels, second[1].pixels);

  options.cache_bytes = 20 * 18 * 3 + 21 * 19 * 3;  // exactly pictures 0 and 1
  Loader bounded(d, options, 5);
  for (int epoch = 0; epoch < 2; ++epoch) {
    store->reads = 0;
    bounded.start(epoch);
    all_of(bounded);
    EXPECT_EQ(store->reads, epoch == 0 ? 10 : 8);
  }
  EXPECT_EQ(bounded.stats().cached_bytes, options.cache_bytes);
}

TEST(Loader, DecodesNoFurtherAheadThanPrefetch) {
  Dataset d = memory_dataset(40, 2);
  auto store = std::make_shared<CountingStore>(d.store);
  d.store = store;
  Loader loader(d, small(), 4);  // prefetch 2
  loader.start(0);
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_EQ(store->reads, 8);
  ImageBatch batch;
  ASSERT_TRUE(loader.next(batch));
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_EQ(store->reads, 12);
}

TEST(Loader, MeasuresTheTimeItBlocked) {
  Dataset d = memory_dataset(4, 2);
  auto store = std::make_shared<CountingStore>(d.store);
  store->delay_ms = 20;
  d.store = store;
  Loader loader(d, small(1), 2);
  loader.start(0);
  all_of(loader);
  EXPECT_GE(loader.stats().wait_seconds, 0.075);
  EXPECT_LE(loader.stats().wait_seconds, loader.stats().total_seconds);
}

TEST(Loader, OtherErrorsThanBadPicturesEndTheEpoch) {
  Dataset d = memory_dataset(4, 2);
  auto store = std::make_shared<CountingStore>(d.store);
  store->fail = true;
  d.store = store;
  LoaderOptions options = small();
  options.max_bad = 1;
  Loader loader(d, options, 2);
  loader.start(0);
  ImageBatch batch;
  EXPECT_THAT(error_of([&] { loader.next(batch); }, ErrorCode::kDevice), HasSubstr("disk on fire"));
  store->fail = false;
  loader.start(1);
  EXPECT_EQ(all_of(loader).size(), 2u);
}

TEST(Loader, RefusesOptionsOutOfRange) {
  const Dataset d = memory_dataset(2, 2);
  const auto refused = [&](auto change) {
    LoaderOptions options = small();
    change(options);
    error_of([&] { Loader(d, options, 2); }, ErrorCode::kConfig);
  };
  refused([](LoaderOptions& o) { o.size = 0; });
  refused([](LoaderOptions& o) { o.crop_ratio = 0; });
  refused([](LoaderOptions& o) { o.view = "zoom"; });
  refused([](LoaderOptions& o) { o.threads = -1; });
  refused([](LoaderOptions& o) { o.prefetch = 0; });
  refused([](LoaderOptions& o) { o.max_bad = 2; });
  error_of([&] { Loader(d, small(), 0); }, ErrorCode::kConfig);
}

}  // namespace
}  // namespace winnow
