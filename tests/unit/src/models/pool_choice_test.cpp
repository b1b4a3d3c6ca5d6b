#include "src/models/pool_choice.h"

#include <ATen/ATen.h>

#include <cmath>

#include "tests/unit/src/models/model_support.h"

namespace winnow {
namespace {

std::unique_ptr<EmbeddingModel> fused_model(const std::string& head) {
  auto model = make_model(test::model_options("small_cnn", head), test::preprocessing_of(32), 1);
  test::fill_by_formula(*model);
  model->train(false);
  return model->fused();
}

// Hand-worked from the rule of cirtorch (side floor(2 s / (l + 1)), overlap next to 0.4).
TEST(PoolChoice, RegionsOfASquareAndOfALongMap) {
  const std::vector<MapRegion> square = {{0, 0, 7}, {0, 0, 4}, {0, 3, 4}, {3, 0, 4}, {3, 3, 4}};
  EXPECT_EQ(rmac_regions(7, 7, 2), square);
  EXPECT_EQ(rmac_regions(7, 7).size(), 14U);
  EXPECT_EQ(rmac_regions(7, 7).back(), (MapRegion{4, 4, 3}));
  const std::vector<MapRegion> wide = {{0, 0, 6}, {0, 3, 6}, {0, 0, 4}, {0, 2, 4},
                                       {0, 5, 4}, {2, 0, 4}, {2, 2, 4}, {2, 5, 4}};
  EXPECT_EQ(rmac_regions(6, 9, 2), wide);
  const auto tall = rmac_regions(9, 6, 2);
  ASSERT_EQ(tall.size(), wide.size());
  EXPECT_EQ(tall[1], (MapRegion{3, 0, 6}));
  // Of a single position only the first level has a square.
  EXPECT_EQ(rmac_regions(1, 1), (std::vector<MapRegion>{{0, 0, 1}}));
}

TEST(PoolChoice, GemOfPowerOneIsTheMeanAndNoChoiceChangesNothing) {
  const auto network = fused_model("linear");
  const auto pictures = test::sample_pictures(3, 40);
  EXPECT_LT(test::distance(with_pool(*network, {"gem", 1})->forward(pictures), network->forward(pictures)), 1e-4);
  EXPECT_EQ(test::distance(with_pool(*network, {})->forward(pictures), network->forward(pictures)), 0);
  EXPECT_GT(test::distance(with_pool(*network, {"gem", 4})->forward(pictures), network->forward(pictures)), 1e-3);
}

TEST(PoolChoice, RmacIsTheSumOfUnitMaximaOverTheRegions) {
  const auto network = fused_model("none");
  const auto pictures = test::sample_pictures(2, 48);
  const auto map = network->feature_map(pictures).contiguous();
  const int64_t channels = map.size(1), height = map.size(2), width = map.size(3);
  std::vector<double> wanted(static_cast<size_t>(channels));
  const auto values = map.accessor<float, 4>();
  const auto add = [&](int64_t top, int64_t left, int64_t rows, int64_t columns) {
    std::vector<double> most(static_cast<size_t>(channels), -1e30);
    double square = 0;
    for (int64_t c = 0; c < channels; ++c) {
      for (int64_t y = top; y < top + rows; ++y)
        for (int64_t x = left; x < left + columns; ++x)
          most[size_t(c)] = std::max(most[size_t(c)], static_cast<double>(values[1][c][y][x]));
      square += most[size_t(c)] * most[size_t(c)];
    }
    for (int64_t c = 0; c < channels; ++c) wanted[size_t(c)] += most[size_t(c)] / std::sqrt(square);
  };
  add(0, 0, height, width);
  for (const auto& r : rmac_regions(height, width)) add(r.top, r.left, r.side, r.side);
  const auto got = with_pool(*network, {"rmac"})->forward(pictures)[1].contiguous();
  for (int64_t c = 0; c < channels; ++c)
    EXPECT_NEAR(got.const_data_ptr<float>()[c], wanted[size_t(c)], 1e-4) << "channel " << c;
}

TEST(PoolChoice, RefusesOtherKinds) {
  const auto network = fused_model("linear");
  for (const PoolChoice& wrong : {PoolChoice{"sum", 3}, PoolChoice{"gem", 0.01}, PoolChoice{"gem", NAN}})
    EXPECT_EQ(test::code_of([&] { with_pool(*network, wrong); }), ErrorCode::kUsage);
}

}  // namespace
}  // namespace winnow
