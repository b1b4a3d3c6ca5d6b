#include "src/core/half.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <vector>

#include "src/core/error.h"
#include "src/core/random.h"
#include "tests/support/expect_error.h"

namespace winnow {
namespace {

TEST(Half, HandWorkedValues) {
  EXPECT_EQ(half_to_float(0x3c00), 1.0f);
  EXPECT_EQ(half_to_float(0xc000), -2.0f);
  EXPECT_EQ(half_to_float(0x7bff), 65504.0f);
  EXPECT_EQ(half_to_float(0x0400), std::ldexp(1.0f, -14));
  EXPECT_EQ(half_to_float(0x8001), -std::ldexp(1.0f, -24));
  EXPECT_TRUE(std::signbit(half_to_float(0x8000)));
  EXPECT_EQ(half_to_float(0xfc00), -INFINITY);
  EXPECT_TRUE(std::isnan(half_to_float(0x7e00)));
}

TEST(Half, RoundsToTheNearestTiesToEven) {
  EXPECT_EQ(half_from_float(1 + std::ldexp(1.0f, -11)), 0x3c00);                        // half way, to even
  EXPECT_EQ(half_from_float(1 + 3 * std::ldexp(1.0f, -11)), 0x3c02);                    // half way, to even
  EXPECT_EQ(half_from_float(std::nextafter(1 + std::ldexp(1.0f, -11), 2.0f)), 0x3c01);  // past half way
  EXPECT_EQ(half_from_float(65519.0f), 0x7bff);
  EXPECT_EQ(half_from_float(65520.0f), 0x7c00);
  EXPECT_EQ(half_from_float(-INFINITY), 0xfc00);
  EXPECT_EQ(half_from_float(std::ldexp(1.0f, -25)), 0x0000);
  EXPECT_EQ(half_from_float(3 * std::ldexp(1.0f, -25)), 0x0002);
  EXPECT_EQ(half_from_float(std::nextafter(std::ldexp(1.0f, -14), 0.0f)), 0x0400);  // up into the normal ones
  EXPECT_TRUE(std::isnan(half_to_float(half_from_float(NAN))));
}

/// The greatest error is half a step: the nearest of all halves, looked for one by one.
TEST(Half, IsTheNearestOfAllHalves) {
  Random random(3, "half");
  for (int i = 0; i < 200; ++i) {
    const auto value = static_cast<float>(random.normal() * std::ldexp(1.0, static_cast<int>(random.below(24)) - 20));
    double least = INFINITY;
    for (uint32_t h = 0; h < 0x10000; ++h) {
      const double there = half_to_float(static_cast<uint16_t>(h));
      if (std::isfinite(there)) least = std::min(least, std::fabs(there - static_cast<double>(value)));
    }
    EXPECT_EQ(std::fabs(static_cast<double>(half_to_float(half_from_float(value))) - static_cast<double>(value)), least)
        << value;
  }
}

TEST(Half, EveryHalfComesBackAndBothConversionsAgree) {
  std::vector<uint16_t> all(0x10000);
  for (uint32_t h = 0; h < all.size(); ++h) all[h] = static_cast<uint16_t>(h);
  std::vector<float> chosen(all.size()), portable(all.size());
  halves_to_floats(all, chosen);
  detail::halves_to_floats_portable(all.data(), portable.data(), all.size());
  for (size_t h = 0; h < all.size(); ++h) {
    if (std::isnan(portable[h])) {
      EXPECT_TRUE(std::isnan(chosen[h])) << h;
      continue;
    }
    EXPECT_EQ(std::bit_cast<uint32_t>(chosen[h]), std::bit_cast<uint32_t>(portable[h])) << h;
    EXPECT_EQ(half_from_float(portable[h]), all[h]) << h;
  }
  std::vector<float> odd(13);  // not a multiple of a vector's width
  halves_to_floats(std::span<const uint16_t>(all).subspan(0x3c00, 13), odd);
  EXPECT_EQ(odd, std::vector<float>(portable.begin() + 0x3c00, portable.begin() + 0x3c00 + 13));
}

TEST(Half, SizesMustAgree) {
  std::vector<float> two(2);
  const std::vector<uint16_t> three(3);
  test::error_of(ErrorCode::kShape, [&] { halves_to_floats(three, two); });
}

}  // namespace
}  // namespace winnow
