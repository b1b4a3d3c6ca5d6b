#include <gtest/gtest.h>

#include "src/core/error.h"
#include "src/core/random.h"
#include "src/image/codec.h"
#include "tests/unit/src/image/image_support.h"

namespace winnow {
namespace {

using test::golden_bytes;

/// True when the bytes are refused with the file's name in the message.
bool is_refused(const std::vector<std::byte>& bytes, const std::string& name) {
  try {
    decode_image(bytes, name);
    return false;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kData);
    EXPECT_EQ(std::string(error.what()).rfind(name + ": ", 0), 0u) << error.what();
    return true;
  }
}

TEST(Truncated, EveryShorterFileIsRefused) {
  for (const char* name : {"orientation_1.jpg", "progressive.jpg", "cmyk.jpg", "grey.jpg", "scene.png", "alpha.png",
                           "scene.webp", "scene.bmp", "scene.ppm"}) {
    const auto whole = golden_bytes(name);
    ASSERT_FALSE(is_refused(whole, name));
    for (size_t length = 0; length < whole.size(); ++length) {
      ASSERT_TRUE(is_refused({whole.begin(), whole.begin() + length}, name)) << name << " cut to " << length;
    }
  }
}

TEST(Truncated, TiffWithoutItsStripsIsRefused) {
  // The directory of this file follows the pixels or precedes them; either way a large cut loses one of both.
  const auto whole = golden_bytes("scene.tif");
  for (size_t length = 0; length + 200 < whole.size(); length += 7) {
    ASSERT_TRUE(is_refused({whole.begin(), whole.begin() + length}, "scene.tif")) << length;
  }
}

TEST(Truncated, TailOfZerosIsRefused) {
  // What a broken download into a preallocated file looks like.
  auto bytes = golden_bytes("large.jpg");
  std::fill(bytes.begin() + bytes.size() / 2, bytes.end(), std::byte{0});
  EXPECT_TRUE(is_refused(bytes, "large.jpg"));
}

TEST(Corrupt, MissingMiddleOfAJpegIsRefused) {
  const auto whole = golden_bytes("large.jpg");
  std::vector<std::byte> bytes(whole.begin(), whole.begin() + whole.size() / 2);
  bytes.push_back(std::byte{0xFF});
  bytes.push_back(std::byte{0xD9});
  EXPECT_TRUE(is_refused(bytes, "large.jpg"));
}

TEST(Corrupt, WrongPngCheckSumIsRefused) {
  auto bytes = golden_bytes("palette.png");
  const std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const size_t data = text.find("IDAT");
  ASSERT_NE(data, std::string::npos);
  bytes[data + 12] ^= std::byte{0x10};
  EXPECT_TRUE(is_refused(bytes, "palette.png"));
}

TEST(Corrupt, ForeignPngChunksAreNotShownToTheDecoder) {
  // A broken colour profile: libpng would print a warning for each such file.
  auto bytes = golden_bytes("scene.png");
  const std::string chunk("\0\0\0\x04iCCPxxxx\0\0\0\0", 16);
  const auto* begin = reinterpret_cast<const std::byte*>(chunk.data());
  bytes.insert(bytes.begin() + 33, begin, begin + chunk.size());
  testing::internal::CaptureStderr();
  EXPECT_EQ(decode_image(bytes, "profile.png").pixels, test::golden_image("scene.png").pixels);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(Corrupt, DamageNeverCrashesAndNeverPrints) {
  testing::internal::CaptureStderr();
  testing::internal::CaptureStdout();
  Random random(11, "damage");
  for (const char* name : {"orientation_6.jpg", "progressive.jpg", "cmyk.jpg", "alpha.png", "scene.webp", "scene.bmp",
                           "scene.ppm", "scene.tif"}) {
    const auto whole = golden_bytes(name);
    for (int trial = 0; trial < 60; ++trial) {
      auto bytes = whole;
      for (int i = 0; i < 3; ++i) bytes[20 + random.below(bytes.size() - 20)] = std::byte(random.below(256));
      try {
        const Image image = decode_image(bytes, name, {0, 1'000'000});
        EXPECT_EQ(image.pixels.size(), size_t(image.width) * image.height * 3);
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), ErrorCode::kData);
      }
    }
  }
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace winnow
