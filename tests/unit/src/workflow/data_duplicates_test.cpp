#include "src/workflow/data_duplicates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/core/random.h"
#include "src/image/codec.h"
#include "src/workflow/noise_neighbours.h"
#include "tests/support/expect_error.h"

namespace winnow {
namespace {

/// Smooth random pictures; `shade` makes a near duplicate.
Image picture(uint64_t seed, int shade = 0) {
  Image image(96, 64);
  Random random(seed, "picture");
  const double fx = random.uniform(0.02, 0.2), fy = random.uniform(0.02, 0.2), phase = random.uniform(0, 6);
  for (int y = 0; y < image.height; ++y)
    for (int x = 0; x < image.width; ++x)
      for (int c = 0; c < 3; ++c)
        image.at(x, y)[c] = static_cast<uint8_t>(120 + shade + 80 * std::sin(fx * x + fy * y * (c + 1) + phase));
  return image;
}

class MemoryStore : public ImageStore {
 public:
  std::vector<std::vector<std::byte>> files;
  std::vector<std::byte> read(const std::string& path) const override {
    return files[static_cast<size_t>(std::stoi(path))];
  }
  bool contains(const std::string&) const override { return true; }
};

/// 0..5 different, 6 = 0 again under another label (same bytes), 7 = 1 brighter, 8 = all black.
Dataset pictures() {
  auto store = std::make_shared<MemoryStore>();
  for (uint64_t i = 0; i < 6; ++i) store->files.push_back(encode_png(picture(i)));
  store->files.push_back(encode_png(picture(0)));
  store->files.push_back(encode_jpeg(picture(1, 12), 85));
  store->files.push_back(encode_png(Image(96, 64)));
  Dataset data;
  data.label_names = {"a", "b"};
  for (int64_t i = 0; i < 9; ++i) {
    Item item;
    item.row = i;
    item.path = std::to_string(i);
    item.label = i == 6 ? 1 : 0;
    item.split = i == 7 ? "test" : "train";
    data.items.push_back(item);
  }
  data.store = store;
  return data;
}

TEST(DataDuplicates, TwoLabelsFirstThenNearOnes) {
  const auto report = find_duplicates(pictures());
  ASSERT_EQ(report.pairs.size(), 2u);
  EXPECT_EQ(report.pairs[0].a, 0);
  EXPECT_EQ(report.pairs[0].b, 6);
  EXPECT_TRUE(report.pairs[0].same_bytes);
  EXPECT_EQ(report.pairs[1].b, 7);
  EXPECT_FALSE(report.pairs[1].same_bytes);
  EXPECT_EQ(report.in_pairs, 4);
  EXPECT_EQ(report.exact_pairs, 1);
  ASSERT_EQ(report.clusters.size(), 2u);
  EXPECT_TRUE(report.clusters[0].two_labels);
  EXPECT_TRUE(report.clusters[1].two_splits);
  for (const auto& cluster : report.clusters) EXPECT_LE(cluster.diameter, 6);
  std::vector<std::string> faults;
  for (const auto& fault : report.health)
    if (fault.item == 8) faults.push_back(fault.fault);
  EXPECT_THAT(faults, testing::ElementsAre("dark", "low information"));
}

TEST(DataDuplicates, LeaksAcrossSplits) {
  const Dataset data = pictures();
  const auto report = find_leaks(data, find_duplicates(data));
  ASSERT_EQ(report.pairs.size(), 1u);
  EXPECT_EQ(report.pairs[0].b, 7);
  ASSERT_EQ(report.overlaps.size(), 1u);
  EXPECT_EQ(report.overlaps[0].name, "a");
  Dataset one = data;
  for (auto& item : one.items) item.split = "train";
  test::error_of(ErrorCode::kData, [&] { find_leaks(one, {}); });
}

TEST(SelfNeighbours, EqualPlainLoops) {
  std::vector<float> v;
  for (uint64_t i = 0; i < 300 * 8; ++i) v.push_back(static_cast<float>(Random(5, "v", i).normal()));
  for (size_t i = 0; i < 300; ++i) {
    float norm = 0;
    for (size_t d = 0; d < 8; ++d) norm += v[i * 8 + d] * v[i * 8 + d];
    for (size_t d = 0; d < 8; ++d) v[i * 8 + d] /= std::sqrt(norm);
  }
  const auto table = self_neighbours({v, 300, 8}, 5);
  for (size_t i = 0; i < 300; ++i) {
    std::vector<std::pair<float, size_t>> all;
    for (size_t j = 0; j < 300; ++j) {
      float sum = 0;
      for (size_t d = 0; d < 8; ++d) sum += v[i * 8 + d] * v[j * 8 + d];
      if (i != j) all.emplace_back(-sum, j);
    }
    std::sort(all.begin(), all.end());
    for (size_t k = 0; k < 5; ++k) EXPECT_NEAR(table.cosines[i * 5 + k], -all[k].first, 1e-5);
    EXPECT_EQ(static_cast<size_t>(table.rows[i * 5]), all[0].second);
  }
}

}  // namespace
}  // namespace winnow
