#include "src/training/multi_scale.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "src/core/error.h"

namespace winnow {
namespace {

TEST(MultiScale, HalvingIsTheMeanOfFourPixelsAndOneChangesNothing) {
  const auto pixels = (at::arange(2 * 4 * 6 * 3) % 251).to(at::kByte).reshape({2, 4, 6, 3});
  EXPECT_TRUE(scaled_pixels(pixels, 1).equal(pixels));
  const auto half = scaled_pixels(pixels, 0.5);
  ASSERT_EQ(half.sizes(), (at::IntArrayRef{2, 2, 3, 3}));
  for (int64_t y = 0; y < 2; ++y) {
    for (int64_t x = 0; x < 3; ++x) {
      for (int64_t c = 0; c < 3; ++c) {
        double sum = 0;
        for (int64_t i = 0; i < 4; ++i) sum += pixels[1][2 * y + i / 2][2 * x + i % 2][c].item<double>();
        EXPECT_NEAR(half[1][y][x][c].item<double>(), sum / 4, 0.51);
      }
    }
  }
}

TEST(MultiScale, OddSizesRoundAndBadScalesAreRefused) {
  const auto pixels = at::full({1, 5, 7, 3}, 200, at::TensorOptions(at::kByte));
  const auto small = scaled_pixels(pixels, 0.7071);
  EXPECT_EQ(small.sizes(), (at::IntArrayRef{1, 4, 5, 3}));
  EXPECT_TRUE(small.eq(200).all().item<bool>());
  EXPECT_EQ(scaled_pixels(pixels, 0.01).size(1), 1);
  EXPECT_THROW(scaled_pixels(pixels, 0), Error);
  EXPECT_THROW(scaled_pixels(pixels.to(at::kFloat), 1), Error);
}

}  // namespace
}  // namespace winnow
