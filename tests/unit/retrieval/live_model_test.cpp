// Random sequences of writes against a brute-force model, for every index type. WINNOW_LIVE_STEPS sets their length.
#include "tests/unit/retrieval/live_model.h"

#include <cstdlib>

namespace winnow {
namespace {

int64_t steps() {
  const char* given = std::getenv("WINNOW_LIVE_STEPS");
  return given ? std::atoll(given) : 60;
}

class LiveModelTest : public testing::TestWithParam<const char*> {
 protected:
  static constexpr int64_t kDim = 16;
  void SetUp() override {
    for (int i = 0; i < 300; ++i) model_.entries()[model_.new_id()] = model_.fresh_entry();
    build_index(model_.write(dir_ / "emb"), dir_ / "idx", test::of_type(GetParam()));
    index_ = LiveIndex::open(dir_ / "idx");
  }
  void add(int64_t count, bool replace) {
    std::vector<ItemWrite> batch;
    std::map<int64_t, test::LiveModel::Entry> fresh;
    for (int64_t i = 0; i < count; ++i) {
      const int64_t id = replace ? model_.some_id() : model_.new_id();
      fresh[id] = model_.fresh_entry();
    }
    for (const auto& [id, e] : fresh) batch.push_back(model_.write_of(id, e));
    const auto result = index_->upsert(batch);
    EXPECT_EQ(replace ? result.replaced : result.inserted, static_cast<int64_t>(fresh.size()));
    for (auto& [id, e] : fresh) model_.entries()[id] = std::move(e);
  }
  void take_out(int64_t count) {
    std::set<int64_t> ids;
    for (int64_t i = 0; i < count; ++i) ids.insert(model_.some_id());
    const std::vector<int64_t> list(ids.begin(), ids.end());
    EXPECT_EQ(index_->remove(list).removed, static_cast<int64_t>(ids.size()));
    for (const int64_t id : ids) model_.entries().erase(id);
  }
  void reopen() {
    index_.reset();
    index_ = LiveIndex::open(dir_ / "idx");
  }
  /// Two index folders into one, which then takes the place of the first.
  void merge() {
    test::LiveModel side(kDim, model_.random().next());
    for (int i = 0; i < 3; ++i) side.entries()[model_.new_id()] = side.fresh_entry();
    build_index(side.write(dir_ / "side-emb"), dir_ / "side", test::of_type("flat"));
    index_.reset();
    IndexMergeOptions options;
    options.build.type = GetParam();
    merge_indexes({dir_ / "idx", dir_ / "side"}, dir_ / "merged", options);
    for (const auto& [id, e] : side.entries()) model_.entries()[id] = e;
    fs::remove_all(dir_ / "idx");
    fs::rename(dir_ / "merged", dir_ / "idx");
    index_ = LiveIndex::open(dir_ / "idx");
  }
  void step() {
    auto& random = model_.random();
    const uint64_t draw = random.below(1000);
    const auto few = static_cast<int64_t>(random.below(4)) + 1;
    const size_t size = model_.entries().size();
    if (draw < 380 && size < 500) {
      add(few, false);
    } else if (draw < 600) {
      add(few, true);
    } else if (draw < 965 && size > 270) {
      take_out(few);
    } else if (draw < 990) {
      reopen();
    } else if (draw < 997) {
      index_->compact();
    } else {
      merge();
    }
  }

  test::TempDir dir_;
  test::LiveModel model_{kDim, 17};
  std::unique_ptr<LiveIndex> index_;
};

TEST_P(LiveModelTest, RandomWritesAgreeWithTheModel) {
  for (int64_t i = 0, n = steps(); i < n; ++i) {
    step();
    model_.compare(*index_->view());
    ASSERT_FALSE(HasFailure()) << "step " << i;
  }
  index_->compact();
  model_.compare(*index_->view());
  index_.reset();
  const auto verified = verify_index(dir_ / "idx", 20, 1);
  EXPECT_TRUE(verified.ok) << (verified.problems.empty() ? "" : verified.problems.front());
}

INSTANTIATE_TEST_SUITE_P(Types, LiveModelTest,
                         testing::Values("flat", "ivf", "ivfsq8", "ivfpq", "hnsw", "binary", "SQfp16", "IVF4,PQ8x4fsr",
                                         "PCA8,IVF4,SQ8", "PQ8x4fs,RFlat"),
                         [](const auto& type) {
                           std::string name = type.param;
                           std::erase_if(name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); });
                           return name;
                         });

}  // namespace
}  // namespace winnow
