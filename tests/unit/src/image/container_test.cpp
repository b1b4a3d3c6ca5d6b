#include "src/image/container.h"

#include <gtest/gtest.h>

#include "src/core/error.h"
#include "src/core/random.h"
#include "tests/unit/src/image/image_support.h"

namespace winnow {
namespace {

using test::golden_bytes;

TEST(ImageHeader, ReadsEveryFormat) {
  const std::pair<const char*, const char*> files[] = {
      {"orientation_1.jpg", "jpeg"}, {"progressive.jpg", "jpeg"},    {"cmyk.jpg", "jpeg"},  {"scene.png", "png"},
      {"scene.webp", "webp"},        {"orientation_6.webp", "webp"}, {"scene.bmp", "bmp"},  {"scene.ppm", "pnm"},
      {"scene.tif", "tiff"},         {"scene.gif", "gif"},           {"bilevel.png", "png"}};
  for (const auto& [name, format] : files) {
    const ImageHeader header = read_image_header(golden_bytes(name));
    EXPECT_EQ(header.width, 32) << name;
    EXPECT_EQ(header.height, 24) << name;
    EXPECT_EQ(header.format, format) << name;
    EXPECT_EQ(read_container(golden_bytes(name)).fault, "") << name;
  }
  EXPECT_EQ(read_container(golden_bytes("cmyk.jpg")).components, 4);
  EXPECT_EQ(read_container(golden_bytes("grey.jpg")).components, 1);
  EXPECT_EQ(read_container(golden_bytes("grey16.png")).bits, 16);
}

TEST(ImageHeader, ReadsPnmByHand) {
  EXPECT_EQ(read_image_header(test::to_bytes("P5 # a comment\n 3\t2\n255\n123456")).height, 2);
  EXPECT_EQ(read_image_header(test::to_bytes("P4\n9 1\n\xff\x80")).width, 9);
  EXPECT_THROW(read_image_header(test::to_bytes("P5\n3\n")), Error);
  EXPECT_THROW(read_image_header(test::to_bytes("P5\n99999999999 2\n255\n")), Error);
}

TEST(ImageHeader, NamesWhatItIsNot) {
  EXPECT_THROW(read_image_header({}), Error);
  EXPECT_THROW(read_image_header(test::to_bytes("hello, I am text")), Error);
  EXPECT_THROW(read_image_header(test::to_bytes("<svg xmlns='http://www.w3.org/2000/svg'/>")), Error);
}

TEST(ImageHeader, RefusesAPngBombBeforeDecoding) {
  auto bomb = golden_bytes("scene.png");
  for (const size_t at : {16, 20}) {
    bomb[at] = std::byte{0};
    bomb[at + 1] = std::byte{0};
    bomb[at + 2] = std::byte{0xEA};
    bomb[at + 3] = std::byte{0x60};
  }
  EXPECT_EQ(read_image_header(bomb).width, 60000);
  try {
    decode_image(bomb, "bomb.png");
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "bomb.png: the header claims 60000 x 60000 pixels, at most 100000000 are allowed");
  }
}

TEST(ImageHeader, TrailingBytesAndPaddingAreFine) {
  for (const char* name : {"orientation_1.jpg", "scene.png"}) {
    auto bytes = golden_bytes(name);
    bytes.insert(bytes.end(), 1000, std::byte{0});
    EXPECT_EQ(read_container(bytes).fault, "") << name;
    EXPECT_EQ(decode_image(bytes, name).width, 32) << name;
  }
}

TEST(ImageHeader, AThumbnailInsideDoesNotEndTheJpeg) {
  // An APP2 segment that holds the whole picture once more: its end marker must not count.
  const auto picture = golden_bytes("orientation_1.jpg");
  std::vector<std::byte> nested(picture.begin(), picture.begin() + 2);
  const size_t length = picture.size() + 2;
  for (const int b : {0xFF, 0xE2, int(length >> 8), int(length & 255)}) nested.push_back(std::byte(b));
  nested.insert(nested.end(), picture.begin(), picture.end());
  nested.insert(nested.end(), picture.begin() + 2, picture.end());
  EXPECT_EQ(read_container(nested).fault, "");
  nested.resize(nested.size() - 2);
  EXPECT_NE(read_container(nested).fault, "");
}

TEST(ImageHeader, SurvivesRandomDamage) {
  Random random(3, "damage");
  for (const char* name : {"orientation_6.jpg", "orientation_6.png", "orientation_6.webp", "orientation_6.tif",
                           "scene.bmp", "scene.ppm", "scene.gif"}) {
    const auto clean = golden_bytes(name);
    for (int trial = 0; trial < 300; ++trial) {
      auto bytes = clean;
      for (int i = 0; i < 4; ++i) bytes[random.below(bytes.size())] = std::byte(random.below(256));
      bytes.resize(1 + random.below(bytes.size()));
      try {
        const Container c = read_container(bytes);
        EXPECT_GT(c.header.width, 0);
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::kData);
      }
    }
  }
}

}  // namespace
}  // namespace winnow
