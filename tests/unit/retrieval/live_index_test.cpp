#include <atomic>
#include <fstream>
#include <thread>

#include "tests/unit/retrieval/live_model.h"

namespace winnow {
namespace {

using test::expect_error;

class Live : public testing::Test {
 protected:
  void SetUp() override {
    for (int64_t id = 0; id < 40; ++id) model_.entries()[id] = model_.fresh_entry();
    build_index(model_.write(dir_ / "emb"), dir_ / "idx", test::of_type("flat"));
  }
  ItemWrite item(int64_t id, std::vector<float> vector = {1, 0, 0, 0}) {
    return {{id, "new" + std::to_string(id), "x", {{"price", "7"}}}, std::move(vector)};
  }
  fs::path log() const { return current_log(dir_ / "idx"); }
  static fs::path current_log(const fs::path& folder) {
    std::ifstream current(folder / "CURRENT");
    std::string name;
    current >> name;
    return folder / name / "writes.log";
  }
  test::TempDir dir_;
  test::LiveModel model_{4, 5};
};

TEST_F(Live, AnUpdateReplacesAndARemovalHidesAtOnce) {
  const auto index = LiveIndex::open(dir_ / "idx");
  const auto before = index->view();
  const auto written = index->upsert(std::vector{item(3), item(100, {0, 1, 0, 0})});
  EXPECT_EQ(written.inserted, 1);
  EXPECT_EQ(written.replaced, 1);
  EXPECT_EQ(index->remove(std::vector<int64_t>{5, 5, 999}).removed, 1);
  const auto found = index->query(std::vector<float>{1, 0, 0, 0}, {.k = 1, .where = "path LIKE 'new%'"});
  EXPECT_EQ(found.queries.at(0).at(0).item.id, 3);
  EXPECT_EQ(found.queries.at(0).at(0).item.path, "new3");
  EXPECT_EQ(found.queries.at(0).at(0).score, 1);
  EXPECT_NE(found.plan.find("2 newer items"), std::string::npos) << found.plan;
  EXPECT_EQ(index->info().live, 40);
  EXPECT_EQ(index->info().added, 2);
  EXPECT_EQ(index->info().removed, 2);
  EXPECT_FALSE(index->view()->contains(5));
  // The older state stays as it was.
  EXPECT_EQ(before->item(3).path, model_.entries()[3].path);
  EXPECT_TRUE(before->contains(5));
  EXPECT_FALSE(before->contains(100));
  EXPECT_EQ(before->size(), 40);
}

TEST_F(Live, WritesAreThereAfterReopeningAndForPlainReaders) {
  {
    const auto index = LiveIndex::open(dir_ / "idx");
    index->upsert(std::vector{item(100)});
    index->upsert(std::vector{item(100, {0, 0, 1, 0})});
    index->remove(std::vector<int64_t>{0});
  }
  for (const auto& view :
       {LiveIndex::open(dir_ / "idx")->view(), std::shared_ptr<const Index>(Index::open(dir_ / "idx"))}) {
    EXPECT_EQ(view->size(), 40);
    EXPECT_EQ(view->vector(100), (std::vector<float>{0, 0, 1, 0}));
    EXPECT_FALSE(view->contains(0));
  }
  const auto info = read_index_info(dir_ / "idx");
  EXPECT_EQ(info.live, 40);
  EXPECT_EQ(info.added, 1);
  EXPECT_EQ(info.removed, 1);
}

TEST_F(Live, AReaderFollowsWithReload) {
  const auto reader = LiveIndex::open(dir_ / "idx", LiveIndex::Mode::kRead);
  const auto writer = LiveIndex::open(dir_ / "idx");
  EXPECT_FALSE(reader->reload());
  writer->upsert(std::vector{item(100)});
  EXPECT_FALSE(reader->view()->contains(100));
  EXPECT_TRUE(reader->reload());
  EXPECT_TRUE(reader->view()->contains(100));
  EXPECT_FALSE(reader->reload());
  writer->compact();
  writer->remove(std::vector<int64_t>{100});
  EXPECT_TRUE(reader->reload());
  EXPECT_EQ(reader->info().generation, 2);
  EXPECT_FALSE(reader->view()->contains(100));
  expect_error(ErrorCode::kUsage, [&] { reader->upsert(std::vector{item(1)}); });
}

TEST_F(Live, OneWriterAtATime) {
  const auto index = LiveIndex::open(dir_ / "idx");
  expect_error(ErrorCode::kDevice, [&] { LiveIndex::open(dir_ / "idx"); });
  expect_error(ErrorCode::kDevice,
               [&] { build_index(Embeddings::open(dir_ / "emb"), dir_ / "idx", test::of_type("flat")); });
}

TEST_F(Live, ABadBatchIsRefusedAsAWhole) {
  const auto index = LiveIndex::open(dir_ / "idx");
  expect_error(ErrorCode::kData, [&] { index->upsert(std::vector{item(100), item(101, {0, 0, 0, 0})}); });
  expect_error(ErrorCode::kShape, [&] { index->upsert(std::vector{item(100), item(101, {1, 0})}); });
  expect_error(ErrorCode::kUsage, [&] { index->upsert(std::vector{item(100), item(100)}); });
  auto wrong = item(100);
  wrong.item.columns = {{"pric", "1"}};
  const auto error = expect_error(ErrorCode::kUsage, [&] { index->upsert(std::vector{wrong}); });
  EXPECT_NE(std::string(error.what()).find("did you mean 'price'"), std::string::npos) << error.what();
  EXPECT_EQ(index->view()->size(), 40);
}

TEST_F(Live, CompactionKeepsEverythingAndSaysSoInTheHistory) {
  const auto index = LiveIndex::open(dir_ / "idx");
  index->upsert(std::vector{item(100), item(3)});
  index->remove(std::vector<int64_t>{7});
  const auto vector = index->view()->vector(100);
  const auto info = index->compact();
  EXPECT_EQ(info.generation, 2);
  EXPECT_EQ(info.count, 40);
  EXPECT_EQ(info.live, 40);
  EXPECT_EQ(info.added + info.removed, 0);
  ASSERT_EQ(info.history.size(), 2u);
  EXPECT_EQ(info.history[0].what, "build");
  EXPECT_EQ(info.history[1].what, "compact");
  EXPECT_EQ(info.history[1].recall_at_10, 1);
  EXPECT_EQ(index->view()->vector(100), vector) << "the same bits";
  EXPECT_FALSE(index->view()->contains(7));
  EXPECT_EQ(index->view()->item(100).columns.at(0).second, "7");
}

TEST_F(Live, AnIndexOfNothingIsSearchedButNotCompacted) {
  const auto index = LiveIndex::open(dir_ / "idx");
  index->remove(index->view()->ids());
  EXPECT_EQ(index->view()->size(), 0);
  EXPECT_TRUE(index->query(std::vector<float>{1, 0, 0, 0}, {.k = 3}).queries.at(0).empty());
  expect_error(ErrorCode::kData, [&] { index->compact(); });
  index->upsert(std::vector{item(1)});
  EXPECT_EQ(index->view()->size(), 1);
}

TEST_F(Live, RangeSearchGivesEveryItemAboveTheScore) {
  const auto index = LiveIndex::open(dir_ / "idx");
  index->upsert(std::vector{item(100), item(101, {1, 0.1f, 0, 0})});
  const std::vector<float> query = {1, 0, 0, 0};
  const auto hits = index->view()->search_range(query, 0.25f, {.k = 1000}).front();
  size_t wanted = 2;
  for (const auto& [id, e] : model_.entries()) wanted += test::naive_cosine(query.data(), e.vector.data(), 4) >= 0.25;
  EXPECT_EQ(hits.size(), wanted);
  EXPECT_EQ(index->view()->search_range(query, 0.25f, {.k = 3}).front().size(), 3u);
}

TEST_F(Live, AnUnfinishedRecordIsCutOffAndADamagedOneIsAnError) {
  {
    const auto index = LiveIndex::open(dir_ / "idx");
    index->upsert(std::vector{item(100)});
    index->upsert(std::vector{item(101)});
  }
  const auto whole = read_file(log());
  for (size_t keep = 0; keep < whole.size(); ++keep) {
    std::ofstream(log(), std::ios::binary).write(whole.data(), static_cast<std::streamsize>(keep));
    const auto size = LiveIndex::open(dir_ / "idx")->view()->size();
    EXPECT_TRUE(size == 40 || size == 41) << keep;
    EXPECT_LE(fs::file_size(log()), std::max<size_t>(keep, 56)) << "cut off, or a header written";
  }
  // A byte of the first record: accepted writes were damaged, which must not pass for an unfinished one.
  auto damaged = whole;
  damaged[120] = static_cast<char>(damaged[120] ^ 1);
  std::ofstream(log(), std::ios::binary) << damaged;
  expect_error(ErrorCode::kData, [&] { LiveIndex::open(dir_ / "idx"); });
  EXPECT_FALSE(verify_index(dir_ / "idx", 5, 1).ok);
}

TEST_F(Live, TheLogOfAnotherGenerationIsRefused) {
  {
    const auto index = LiveIndex::open(dir_ / "idx");
    index->upsert(std::vector{item(100)});
  }
  const auto bytes = read_file(log());
  build_index(Embeddings::open(dir_ / "emb"), dir_ / "idx", test::of_type("flat"));
  EXPECT_EQ(Index::open(dir_ / "idx")->size(), 40) << "a build starts anew";
  std::ofstream(log(), std::ios::binary) << bytes;
  expect_error(ErrorCode::kData, [&] { Index::open(dir_ / "idx"); });
}

/// Readers, writers and compactions at once; under -fsanitize=thread this shows races.
TEST_F(Live, SearchWhileUpdating) {
  const auto index = LiveIndex::open(dir_ / "idx");
  std::atomic<bool> stop = false;
  std::atomic<int> wrong = 0, searches = 0;
  std::vector<std::thread> threads;
  for (int r = 0; r < 2; ++r) {
    threads.emplace_back([&] {
      while (!stop) {
        const auto found = index->query(std::vector<float>{1, 0, 0, 0}, {.k = 5, .where = "price < 200"});
        wrong += found.queries.at(0).size() != 5;
        const auto view = index->view();
        const auto found_now = view->search(std::vector<float>{0, 1, 0, 0}, {.k = 3});
        for (const auto& hit : found_now.front()) wrong += !view->contains(hit.id);
        ++searches;
      }
    });
  }
  for (int w = 0; w < 2; ++w) {
    threads.emplace_back([&, w] {
      for (int64_t i = 0; i < 60; ++i) {
        const int64_t id = 1000 * (w + 1) + i % 20;
        index->upsert(std::vector{item(id, {static_cast<float>(i), 1, static_cast<float>(w), 1})});
        if (i % 3 == 0) index->remove(std::vector<int64_t>{id});
      }
    });
  }
  for (int i = 0; i < 3; ++i) index->compact();
  threads[2].join();
  threads[3].join();
  while (searches < 5) std::this_thread::yield();
  stop = true;
  threads[0].join();
  threads[1].join();
  EXPECT_EQ(wrong, 0);
  index->compact();
  // Of the last writes, i = 40 .. 59, the six with i % 3 == 0 were taken out again.
  EXPECT_EQ(index->view()->size(), 40 + 2 * 14);
}

}  // namespace
}  // namespace winnow
