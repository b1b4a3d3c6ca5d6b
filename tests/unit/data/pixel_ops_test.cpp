#include "data/pixel_ops.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <functional>

#include "data/randaugment.h"
#include "src/core/error.h"
#include "src/core/files.h"
#include "src/image/codec.h"
#include "tests/support/temp_dir.h"

namespace winnow {
namespace {

Image noise(int width, int height) {
  Image image(width, height);
  Random random(4, "test");
  for (auto& p : image.pixels) p = static_cast<uint8_t>(random.below(256));
  return image;
}

Image one_pixel(uint8_t r, uint8_t g, uint8_t b) {
  Image image(1, 1);
  image.pixels = {r, g, b};
  return image;
}

int largest_difference(const Image& a, const Image& b) {
  if (a.width != b.width || a.height != b.height) return 256;
  int largest = 0;
  for (size_t i = 0; i < a.pixels.size(); ++i) largest = std::max(largest, std::abs(a.pixels[i] - b.pixels[i]));
  return largest;
}

using Pixels = std::vector<uint8_t>;

TEST(PixelOps, LumaByHand) {
  EXPECT_EQ(luma(Pixels{255, 0, 0}.data()), 76);   // 76.245
  EXPECT_EQ(luma(Pixels{0, 255, 0}.data()), 150);  // 149.685
  EXPECT_EQ(luma(Pixels{0, 0, 255}.data()), 29);   // 29.07
  EXPECT_EQ(luma(Pixels{255, 255, 255}.data()), 255);
}

TEST(PixelOps, FactorsByHand) {
  Image image = one_pixel(10, 100, 200);
  adjust_brightness(image, 1.5);
  EXPECT_EQ(image.pixels, (Pixels{15, 150, 255}));
  // Luma of (10, 100, 200) is 84.49: 84. Half-way to it.
  image = one_pixel(10, 100, 200);
  adjust_saturation(image, 0.5);
  EXPECT_EQ(image.pixels, (Pixels{47, 92, 142}));
  // Two pixels of luma 0 and 200: the mean is 100.
  Image pair(2, 1);
  pair.pixels = {0, 0, 0, 200, 200, 200};
  adjust_contrast(pair, 0.5);
  EXPECT_EQ(pair.pixels, (Pixels{50, 50, 50, 150, 150, 150}));
  make_grey(image = one_pixel(10, 100, 200));
  EXPECT_EQ(image.pixels, (Pixels{84, 84, 84}));
}

TEST(PixelOps, FactorOneChangesNothing) {
  const Image source = noise(20, 11);
  for (const auto& op : {adjust_brightness, adjust_contrast, adjust_saturation, adjust_sharpness}) {
    Image image = source;
    op(image, 1.0);
    EXPECT_EQ(image.pixels, source.pixels);
  }
  Image image = source;
  shift_hue(image, 0);
  EXPECT_EQ(image.pixels, source.pixels);
  adjust_colors(image, 1, 1, 1);
  EXPECT_EQ(image.pixels, source.pixels);
}

/// The same in doubles, without any rounding in between.
std::vector<double> exact_colors(const Image& image, double brightness, double contrast, double saturation) {
  const auto cut = [](double v) { return std::clamp(v, 0.0, 255.0); };
  const auto grey = [](const double* p) { return 0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2]; };
  std::vector<double> out(image.pixels.begin(), image.pixels.end());
  double mean = 0;
  for (auto& v : out) v = cut(v * brightness);
  for (size_t i = 0; i < out.size(); i += 3) mean += grey(&out[i]) / static_cast<double>(out.size() / 3);
  for (auto& v : out) v = cut(mean + contrast * (v - mean));
  for (size_t i = 0; i < out.size(); i += 3) {
    const double base = grey(&out[i]);
    for (size_t c = i; c < i + 3; ++c) out[c] = cut(base + saturation * (out[c] - base));
  }
  return out;
}

TEST(PixelOps, ColorsTogetherNeitherDarkenNorBrighten) {
  const Image source = noise(120, 80);
  Image image = source;
  adjust_colors(image, 1.1, 0.7, 1.2);
  const auto exact = exact_colors(source, 1.1, 0.7, 1.2);
  double bias = 0;
  for (size_t i = 0; i < exact.size(); ++i) {
    EXPECT_NEAR(image.pixels[i], exact[i], 3) << i;
    bias += (image.pixels[i] - exact[i]) / static_cast<double>(exact.size());
  }
  EXPECT_NEAR(bias, 0, 0.1);
}

TEST(PixelOps, HueTurnsTheColorCircle) {
  Image image = one_pixel(200, 50, 50);
  shift_hue(image, 1.0 / 3);
  EXPECT_EQ(image.pixels, (Pixels{50, 200, 50}));
  shift_hue(image, 1.0 / 3);
  EXPECT_EQ(image.pixels, (Pixels{50, 50, 200}));
  shift_hue(image, -1.0 / 6);
  EXPECT_EQ(image.pixels, (Pixels{50, 200, 200}));
  shift_hue(image = one_pixel(7, 7, 7), 0.3);
  EXPECT_EQ(image.pixels, (Pixels{7, 7, 7}));
}

TEST(PixelOps, TablesByHand) {
  Image image = one_pixel(0b10110111, 100, 3);
  posterize(image, 3);
  EXPECT_EQ(image.pixels, (Pixels{0b10100000, 96, 0}));
  solarize(image = one_pixel(200, 100, 128), 128);
  EXPECT_EQ(image.pixels, (Pixels{55, 100, 127}));
  Image pair(2, 1);
  pair.pixels = {50, 10, 7, 150, 20, 7};
  autocontrast(pair);
  EXPECT_EQ(pair.pixels, (Pixels{0, 0, 7, 255, 255, 7}));
}

TEST(PixelOps, EqualizeFlattensTheHistogram) {
  Image dark(64, 64);
  Random random(1, "test");
  for (auto& p : dark.pixels) p = static_cast<uint8_t>(random.below(64));
  equalize(dark);
  double mean = 0;
  for (const uint8_t p : dark.pixels) mean += p / double(dark.pixels.size());
  EXPECT_NEAR(mean, 127.5, 8);
}

TEST(PixelOps, WarpMovesAndBlackens) {
  const Image source = noise(6, 4);
  Image image = source;
  warp_nearest(image, {1, 0, 2, 0, 1, 0});
  for (int x = 0; x < 6; ++x) EXPECT_EQ(image.at(x, 1)[2], x < 4 ? source.at(x + 2, 1)[2] : 0);
}

// PIL's own results for the same picture, operation by operation.
struct PilCase {
  const char* name;
  const char* python;
  std::function<void(Image&)> run;
  int tolerance = 1;
};

std::vector<PilCase> pil_cases() {
  return {{"brightness", "ImageEnhance.Brightness(im).enhance(1.37)", [](Image& m) { adjust_brightness(m, 1.37); }},
          {"contrast", "ImageEnhance.Contrast(im).enhance(0.61)", [](Image& m) { adjust_contrast(m, 0.61); }},
          {"color", "ImageEnhance.Color(im).enhance(1.52)", [](Image& m) { adjust_saturation(m, 1.52); }},
          {"sharp", "ImageEnhance.Sharpness(im).enhance(1.8)", [](Image& m) { adjust_sharpness(m, 1.8); }},
          {"blurred", "ImageEnhance.Sharpness(im).enhance(0.2)", [](Image& m) { adjust_sharpness(m, 0.2); }},
          {"posterize", "ImageOps.posterize(im, 5)", [](Image& m) { posterize(m, 5); }, 0},
          {"solarize", "ImageOps.solarize(im, 90)", [](Image& m) { solarize(m, 90); }, 0},
          {"autocontrast", "ImageOps.autocontrast(im)", [](Image& m) { autocontrast(m); }, 0},
          {"equalize", "ImageOps.equalize(im)", [](Image& m) { equalize(m); }, 0},
          {"grey", "im.convert('L').convert('RGB')", [](Image& m) { make_grey(m); }, 0},
          {"shear", "im.transform(im.size, Image.AFFINE, (1, 0.3, 0, 0, 1, 0))",
           [](Image& m) { apply_randaugment_op(m, "shear_x", 30, false); }, 0},
          {"shift", "im.transform(im.size, Image.AFFINE, (1, 0, 0, 0, 1, 15))",
           [](Image& m) { apply_randaugment_op(m, "translate_y", 20, true); }, 0},
          {"turn", "im.rotate(15, Image.NEAREST)", [](Image& m) { apply_randaugment_op(m, "rotate", 15, false); }, 0}};
}

TEST(PixelOps, EqualPilLive) {
  if (!fs::exists(WINNOW_PYTHON)) GTEST_SKIP() << "needs the Python of WINNOW_DEPS with Pillow";
  const test::TempDir folder;
  Image source = noise(60, 50);
  for (size_t i = 0; i < source.pixels.size(); ++i)
    source.pixels[i] = static_cast<uint8_t>(20 + source.pixels[i] * 2 / 3);
  const auto png = encode_png(source);
  write_file_atomically(folder / "in.png", {reinterpret_cast<const char*>(png.data()), png.size()});
  std::string script = "from PIL import Image, ImageEnhance, ImageOps\nim = Image.open('in.png')\n";
  for (const PilCase& c : pil_cases()) script += std::string(c.python) + ".save('" + c.name + ".png')\n";
  write_file_atomically(folder / "run.py", script);
  const std::string command = "cd '" + folder.path().string() + "' && '" + WINNOW_PYTHON + "' run.py 2>error.txt";
  if (std::system(command.c_str()) != 0)
    GTEST_SKIP() << "Python with Pillow failed: " << read_file(folder / "error.txt");
  for (const PilCase& c : pil_cases()) {
    Image image = source;
    c.run(image);
    const std::string golden = read_file(folder / (std::string(c.name) + ".png"));
    const auto* begin = reinterpret_cast<const std::byte*>(golden.data());
    EXPECT_LE(largest_difference(image, decode_image({begin, golden.size()}, c.name)), c.tolerance) << c.name;
  }
}

TEST(RandAugment, HasTheUsualFourteen) {
  EXPECT_EQ(randaugment_ops().size(), 14u);
  Image image = noise(8, 8);
  EXPECT_THROW(apply_randaugment_op(image, "cutout", 9, false), Error);
}

TEST(RandAugment, MagnitudeZeroKeepsThePicture) {
  const Image source = noise(24, 24);
  for (const std::string& op : randaugment_ops()) {
    if (op == "autocontrast" || op == "equalize") continue;
    if (op == "solarize") continue;  // threshold 255 still turns pure white
    Image image = source;
    apply_randaugment_op(image, op, 0, false);
    EXPECT_EQ(image.pixels, source.pixels) << op;
  }
}

TEST(RandAugment, DirectionsDiffer) {
  for (const char* op :
       {"shear_x", "shear_y", "translate_x", "translate_y", "rotate", "brightness", "color", "contrast", "sharpness"}) {
    Image one = noise(24, 24), other = one;
    apply_randaugment_op(one, op, 12, false);
    apply_randaugment_op(other, op, 12, true);
    EXPECT_NE(one.pixels, other.pixels) << op;
  }
}

TEST(RandAugment, RangesEndAsPublished) {
  Image image = one_pixel(0b11111111, 130, 7);
  apply_randaugment_op(image, "posterize", 30, false);
  EXPECT_EQ(image.pixels, (Pixels{0b11110000, 128, 0}));
  apply_randaugment_op(image = one_pixel(255, 130, 7), "solarize", 30, false);
  EXPECT_EQ(image.pixels, (Pixels{0, 125, 248}));
  apply_randaugment_op(image = one_pixel(100, 200, 10), "brightness", 30, true);
  EXPECT_EQ(image.pixels, (Pixels{9, 19, 0}));  // factor 0.1
}

}  // namespace
}  // namespace winnow
