#include "data/augmentation.h"

#include <gtest/gtest.h>

#include <cmath>

#include "data/pixel_ops.h"
#include "src/config/reader.h"
#include "src/core/error.h"
#include "src/image/transform.h"

namespace winnow {
namespace {

AugmentOptions nothing() {
  AugmentOptions o;
  o.scale_min = o.scale_max = 1;
  o.ratio_min = o.ratio_max = 1;
  o.flip = o.brightness = o.contrast = o.saturation = 0;
  return o;
}

Image gradient(int width, int height) {
  Image image(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      image.at(x, y)[0] = static_cast<uint8_t>(255 * x / width);
      image.at(x, y)[1] = static_cast<uint8_t>(255 * y / height);
      image.at(x, y)[2] = static_cast<uint8_t>((x * 7 + y * 3) % 256);
    }
  }
  return image;
}

Box whole(const Image& image) { return {0, 0, double(image.width), double(image.height)}; }

TEST(RandomResizedCrop, StaysInsideWithTheAskedAreaAndRatio) {
  AugmentOptions o;
  o.scale_min = 0.2;
  o.scale_max = 0.5;
  const Box box{10, 20, 110, 80};
  double smallest = 1, largest = 0, log_ratio = 0;
  constexpr int kTrials = 4000;
  for (int i = 0; i < kTrials; ++i) {
    Random random(1, "crop", i);
    const Box c = random_resized_crop(box, o, random);
    ASSERT_TRUE(c.x0 >= box.x0 && c.y0 >= box.y0 && c.x1 <= box.x1 && c.y1 <= box.y1);
    const double w = c.x1 - c.x0, h = c.y1 - c.y0, share = w * h / 6000;
    ASSERT_GT(share, 0.2 - 1e-9);
    ASSERT_LT(share, 0.5 + 1e-9);
    ASSERT_GT(w / h, 0.75 - 1e-9);
    ASSERT_LT(w / h, 4.0 / 3 + 1e-9);
    smallest = std::min(smallest, share);
    largest = std::max(largest, share);
    log_ratio += std::log(w / h) / kTrials;
  }
  EXPECT_LT(smallest, 0.21);
  EXPECT_GT(largest, 0.49);
  EXPECT_NEAR(log_ratio, 0, 0.02);  // log-uniform in 3/4..4/3 is symmetric around 1
}

TEST(RandomResizedCrop, FallsBackToTheMiddle) {
  // A 100 x 2 strip cannot hold its whole area at ratios 3/4..4/3.
  AugmentOptions o;
  o.scale_min = o.scale_max = 1;
  Random random(1, "crop");
  const Box c = random_resized_crop({0, 0, 100, 2}, o, random);
  EXPECT_NEAR(c.x1 - c.x0, 2 * 4.0 / 3, 1e-9);
  EXPECT_NEAR(c.x0 + c.x1, 100, 1e-9);
  EXPECT_EQ(c.y0, 0);
  EXPECT_EQ(c.y1, 2);
}

TEST(Augmentation, NothingIsAPlainResize) {
  const Image source = gradient(90, 90);
  Random random(1, "augment");
  EXPECT_EQ(Augmentation(nothing()).apply(source, whole(source), 32, random).pixels, resize(source, 32, 32).pixels);
}

TEST(Augmentation, RegionOfInterestIsRespected) {
  Image source(60, 40);
  for (int y = 10; y < 30; ++y) {
    for (int x = 20; x < 40; ++x) source.at(x, y)[0] = 255;
  }
  AugmentOptions o = nothing();
  o.scale_min = 0.3;
  Random random(3, "augment");
  // Two pixels from its border no filter tap of a shrinking resize reaches the black surroundings.
  const Image view = Augmentation(o).apply(source, {23, 13, 37, 27}, 7, random);
  for (size_t i = 0; i < view.pixels.size(); i += 3) EXPECT_EQ(view.pixels[i], 255);
}

TEST(Augmentation, FlipHappensAsOftenAsAsked) {
  const Image source = gradient(16, 16);
  const Image plain = resize(source, 16, 16);
  AugmentOptions o = nothing();
  o.flip = 0.25;
  int flips = 0;
  for (int i = 0; i < 2000; ++i) {
    Random random(5, "augment", i);
    flips += Augmentation(o).apply(source, whole(source), 16, random).pixels != plain.pixels;
  }
  EXPECT_NEAR(flips, 500, 80);  // four standard deviations
}

TEST(Augmentation, JitterStaysInItsRange) {
  Image grey(8, 8);
  std::fill(grey.pixels.begin(), grey.pixels.end(), 100);
  AugmentOptions o = nothing();
  o.brightness = 0.4;
  int low = 255, high = 0;
  for (int i = 0; i < 500; ++i) {
    Random random(6, "augment", i);
    const int value = Augmentation(o).apply(grey, whole(grey), 8, random).pixels[0];
    low = std::min(low, value);
    high = std::max(high, value);
  }
  EXPECT_GE(low, 59);
  EXPECT_LE(low, 63);
  EXPECT_LE(high, 140);
  EXPECT_GE(high, 137);
}

TEST(Augmentation, GreyDropsTheColours) {
  AugmentOptions o = nothing();
  o.grey = 1;
  const Image source = gradient(16, 16);
  Random random(1, "augment");
  Image expected = resize(source, 16, 16);
  make_grey(expected);
  EXPECT_EQ(Augmentation(o).apply(source, whole(source), 16, random).pixels, expected.pixels);
}

TEST(Augmentation, ErasingTouchesOneRectangleOfBoundedArea) {
  const Image source = gradient(64, 64);
  AugmentOptions o = nothing();
  o.erase = 1;
  o.erase_max_area = 0.2;
  for (int i = 0; i < 50; ++i) {
    Random random(7, "augment", i);
    const Image view = Augmentation(o).apply(source, whole(source), 64, random);
    int changed = 0, x0 = 64, y0 = 64, x1 = -1, y1 = -1;
    for (int y = 0; y < 64; ++y) {
      for (int x = 0; x < 64; ++x) {
        if (std::equal(view.at(x, y), view.at(x, y) + 3, source.at(x, y))) continue;
        ++changed;
        x0 = std::min(x0, x), x1 = std::max(x1, x), y0 = std::min(y0, y), y1 = std::max(y1, y);
      }
    }
    const double area = double(x1 - x0 + 1) * (y1 - y0 + 1);
    EXPECT_GT(changed, 0.95 * area);
    EXPECT_LT(area, 0.21 * 64 * 64);
    EXPECT_GT(area, 0.015 * 64 * 64);
  }
}

TEST(Augmentation, IsAFunctionOfItsStream) {
  AugmentOptions o;
  o.hue = 0.1;
  o.grey = 0.2;
  o.erase = 0.5;
  o.randaugment_ops = 2;
  const Image source = gradient(70, 50);
  const Augmentation augment(o);
  std::vector<uint8_t> before;
  for (int row = 0; row < 20; ++row) {
    Random a(9, "augment", row), b(9, "augment", row);
    const Image one = augment.apply(source, whole(source), 32, a);
    EXPECT_EQ(one.pixels, augment.apply(source, whole(source), 32, b).pixels);
    EXPECT_NE(one.pixels, before);
    before = one.pixels;
  }
}

TEST(AugmentOptions, ReadsAndChecks) {
  AugmentOptions o;
  read_config({{}, {"flip=0.25", "randaugment_ops=2", "hue=0.1"}}, o);
  EXPECT_EQ(o.flip, 0.25);
  EXPECT_EQ(o.randaugment_ops, 2);
  EXPECT_EQ(o.hue, 0.1);
  EXPECT_EQ(o.brightness, 0.4);
  EXPECT_THROW(read_config({{}, {"hue=0.6"}}, o), Error);
  EXPECT_THROW(read_config({{}, {"scale_min=0.9", "scale_max=0.5"}}, o), Error);
  o = AugmentOptions();
  o.ratio_min = 2;
  o.ratio_max = 1;
  EXPECT_EQ(o.check().size(), 1u);
}

}  // namespace
}  // namespace winnow
