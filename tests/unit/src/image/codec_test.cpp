#include "src/image/codec.h"

#include <gtest/gtest.h>

#include "src/core/error.h"
#include "src/image/orientation.h"
#include "src/image/transform.h"
#include "tests/unit/src/image/image_support.h"

namespace winnow {
namespace {

using test::golden_bytes;
using test::golden_image;
using test::largest_difference;

/// golden/make_golden.py: red 8 x, green 10 y, blue 255 - 4 x - 4 y.
Image scene() {
  Image image(32, 24);
  for (int y = 0; y < 24; ++y) {
    for (int x = 0; x < 32; ++x) {
      image.at(x, y)[0] = static_cast<uint8_t>(8 * x);
      image.at(x, y)[1] = static_cast<uint8_t>(10 * y);
      image.at(x, y)[2] = static_cast<uint8_t>(std::max(0, 255 - 4 * x - 4 * y));
    }
  }
  return image;
}

TEST(Decode, LosslessFormatsAreExact) {
  for (const char* name : {"scene.png", "scene.webp", "scene.bmp", "scene.ppm", "scene.tif"}) {
    EXPECT_EQ(largest_difference(golden_image(name), scene()), 0) << name;
  }
}

TEST(Decode, JpegIsClose) {
  for (const char* name : {"orientation_1.jpg", "progressive.jpg"}) {
    EXPECT_LE(largest_difference(golden_image(name), scene()), 12) << name;
  }
}

TEST(Decode, CmykJpegIsConverted) { EXPECT_LE(largest_difference(golden_image("cmyk.jpg"), scene()), 24); }

Image turned_by_hand(int orientation) {
  // What the stored picture looks like when shown, for each tag value (EXIF 2.3, table 6).
  const Image s = scene();
  const bool swapped = orientation >= 5;
  Image shown(swapped ? 24 : 32, swapped ? 32 : 24);
  for (int y = 0; y < 24; ++y) {
    for (int x = 0; x < 32; ++x) {
      int to_x = x, to_y = y;
      switch (orientation) {
        case 2: to_x = 31 - x; break;
        case 3: to_x = 31 - x, to_y = 23 - y; break;
        case 4: to_y = 23 - y; break;
        case 5: to_x = y, to_y = x; break;
        case 6: to_x = 23 - y, to_y = x; break;
        case 7: to_x = 23 - y, to_y = 31 - x; break;
        case 8: to_x = y, to_y = 31 - x; break;
        default: break;
      }
      std::copy_n(s.at(x, y), 3, shown.at(to_x, to_y));
    }
  }
  return shown;
}

TEST(Decode, AppliesAllEightOrientations) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const std::string name = "orientation_" + std::to_string(orientation) + ".jpg";
    EXPECT_EQ(read_image_header(golden_bytes(name)).orientation, orientation);
    EXPECT_LE(largest_difference(golden_image(name), turned_by_hand(orientation)), 12) << name;
    EXPECT_EQ(largest_difference(apply_orientation(scene(), orientation), turned_by_hand(orientation)), 0);
  }
}

TEST(Decode, AppliesOrientationOfOtherFormats) {
  for (const char* name : {"orientation_6.png", "orientation_6.webp", "orientation_6.tif"}) {
    EXPECT_EQ(largest_difference(golden_image(name), turned_by_hand(6)), 0) << name;
  }
}

TEST(Decode, GreyIsExpanded) {
  const Image grey = golden_image("grey.png");
  for (int x = 0; x < 32; ++x) {
    const uint8_t* p = grey.at(x, 7);
    EXPECT_EQ(p[0], p[1]);
    EXPECT_EQ(p[1], p[2]);
    EXPECT_NEAR(p[0], 0.299 * scene().at(x, 7)[0] + 0.587 * 70 + 0.114 * scene().at(x, 7)[2], 1.0);
  }
  EXPECT_LE(largest_difference(golden_image("grey.jpg"), grey), 6);
}

TEST(Decode, SixteenBitsBecomeEight) {
  EXPECT_EQ(largest_difference(golden_image("grey16.png"), golden_image("grey.png")), 0);
}

TEST(Decode, BilevelIsBlackAndWhite) {
  const Image image = golden_image("bilevel.png"), grey = golden_image("grey.png");
  for (size_t i = 0; i < image.pixels.size(); ++i) {
    ASSERT_TRUE(image.pixels[i] == 0 || image.pixels[i] == 255);
    if (std::abs(grey.pixels[i] - 128) > 2) {
      EXPECT_EQ(image.pixels[i] == 255, grey.pixels[i] >= 128) << i;
    }
  }
}

TEST(Decode, PaletteIsClose) { EXPECT_LE(largest_difference(golden_image("palette.png"), scene()), 64); }

TEST(Decode, AlphaIsComposedOverWhite) {
  const Image image = golden_image("alpha.png"), grey = golden_image("grey_alpha.png");
  for (int x = 0; x < 32; ++x) {
    const double a = 8 * x / 255.0;
    EXPECT_NEAR(image.at(x, 5)[1], a * 50 + (1 - a) * 255, 0.51) << x;
    EXPECT_NEAR(grey.at(x, 5)[2], a * 8 * x + (1 - a) * 255, 0.51) << x;
  }
}

TEST(Decode, ReducedScaleFollowsTheRule) {
  const auto bytes = golden_bytes("large.jpg");  // 320 x 240
  const auto width = [&](int target) { return decode_image(bytes, "large.jpg", {target}).width; };
  EXPECT_EQ(width(0), 320);
  EXPECT_EQ(width(224), 320);
  EXPECT_EQ(width(105), 320);  // 120 < 1.15 * 105
  EXPECT_EQ(width(104), 160);  // 120 >= 1.15 * 104 = 119.6
  EXPECT_EQ(width(52), 80);    // 60 >= 59.8
  EXPECT_EQ(width(26), 40);    // 30 >= 29.9
  EXPECT_EQ(width(1), 40);     // never less than 1/8
}

TEST(Decode, ReducedScaleLooksTheSame) {
  const Image full = golden_image("large.jpg");
  const Image reduced = decode_image(golden_bytes("large.jpg"), "large.jpg", {64});
  EXPECT_LE(largest_difference(resize(full, 40, 30), resize(reduced, 40, 30)), 8);
}

TEST(Decode, RefusesTooManyPixels) {
  DecodeOptions options;
  options.max_pixels = 32 * 24 - 1;
  EXPECT_THROW(decode_image(golden_bytes("scene.png"), "scene.png", options), Error);
  options.max_pixels = 32 * 24;
  EXPECT_NO_THROW(decode_image(golden_bytes("scene.png"), "scene.png", options));
}

TEST(Decode, GifIsAClearError) {
  try {
    golden_image("scene.gif");
    FAIL() << "GIF was decoded";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kData);
    EXPECT_STREQ(error.what(), "scene.gif: GIF is not supported, convert the picture to PNG or JPEG");
  }
}

TEST(Encode, PngIsLossless) {
  EXPECT_EQ(decode_image(encode_png(scene()), "x.png").pixels, scene().pixels);
  EXPECT_THROW(encode_png(Image()), Error);
}

TEST(Encode, JpegQualityMatters) {
  const auto fine = encode_jpeg(scene(), 95), coarse = encode_jpeg(scene(), 20);
  EXPECT_GT(fine.size(), coarse.size());
  EXPECT_LE(largest_difference(decode_image(fine, "x.jpg"), scene()), 16);
}

TEST(Thumbnail, IsADataUri) {
  const std::string uri = thumbnail_data_uri(golden_image("large.jpg"), 64);
  ASSERT_EQ(uri.rfind("data:image/jpeg;base64,/9j/", 0), 0u);
  EXPECT_LT(uri.size(), 6000u);
}

}  // namespace
}  // namespace winnow
