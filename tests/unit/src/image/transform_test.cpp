#include "src/image/transform.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <sstream>

#include "src/core/error.h"
#include "src/core/random.h"
#include "src/image/resample.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/src/image/image_support.h"

namespace winnow {
namespace {

using test::golden_file;
using test::golden_image;
using test::largest_difference;

struct Case {
  std::string name, source, filter;
  int width = 0, height = 0;
  Box box;
};

std::vector<Case> golden_cases() {
  std::istringstream lines(read_file(golden_file("cases.txt")));
  std::string line;
  std::getline(lines, line);
  std::vector<Case> cases;
  while (std::getline(lines, line)) {
    std::istringstream in(line);
    Case c;
    in >> c.name >> c.source >> c.width >> c.height >> c.box.x0 >> c.box.y0 >> c.box.x1 >> c.box.y1 >> c.filter;
    cases.push_back(c);
  }
  return cases;
}

Filter filter_of(const std::string& name) {
  return name == "bicubic" ? Filter::kBicubic : name == "lanczos" ? Filter::kLanczos : Filter::kBilinear;
}

Image noise(int width, int height, uint64_t seed = 1) {
  Image image(width, height);
  Random random(seed, "test");
  for (auto& p : image.pixels) p = static_cast<uint8_t>(random.below(256));
  return image;
}

TEST(Resize, EqualsPilGoldenPictures) {
  const auto cases = golden_cases();
  ASSERT_EQ(cases.size(), 24u);
  for (const Case& c : cases) {
    const Image result =
        resize(golden_image("source_" + c.source + ".png"), c.width, c.height, c.box, filter_of(c.filter));
    EXPECT_EQ(largest_difference(result, golden_image(c.name + "_" + c.filter + ".png")), 0) << c.name << c.filter;
  }
}

/// The same arithmetic through the slow way: one output pixel at a time, straight from the two weight tables.
Image resize_naively(const Image& source, int width, int height, const Box& box, Filter filter) {
  const AxisWeights columns = axis_weights(source.width, box.x0, box.x1, width, filter);
  const AxisWeights rows = axis_weights(source.height, box.y0, box.y1, height, filter);
  const auto clip = [](int64_t sum) {
    return static_cast<uint8_t>(std::clamp<int64_t>((sum + (1 << 21)) >> 22, 0, 255));
  };
  Image result(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int c = 0; c < 3; ++c) {
        int64_t sum = 0;
        for (int j = 0; j < rows.taps; ++j) {
          int64_t inner = 0;
          for (int i = 0; i < columns.taps; ++i) {
            inner +=
                int64_t{columns.weights[x * columns.taps + i]} * source.at(columns.first[x] + i, rows.first[y] + j)[c];
          }
          sum += int64_t{rows.weights[y * rows.taps + j]} * clip(inner);
        }
        result.at(x, y)[c] = clip(sum);
      }
    }
  }
  return result;
}

TEST(Resize, EqualsNaiveReference) {
  for (const auto& [w, h] : std::vector<std::pair<int, int>>{{50, 41}, {7, 90}, {2, 2}, {33, 5}}) {
    const Image source = noise(w, h, w);
    const Box box{0.25, 0.0, w - 0.5, double(h)};
    for (const Filter filter : {Filter::kBilinear, Filter::kBicubic, Filter::kLanczos}) {
      for (const int size : {1, 3, 16, 37}) {
        EXPECT_EQ(resize(source, size, size + 2, box, filter).pixels,
                  resize_naively(source, size, size + 2, box, filter).pixels)
            << w << " x " << h << " to " << size;
      }
    }
  }
}

TEST(Resize, PortablePassesGiveTheSameBits) {
  const Image source = noise(61, 30);
  const AxisWeights weights = axis_weights(61, 0, 61, 23, Filter::kLanczos);
  const AxisWeights rows = axis_weights(29, 0, 29, 11, Filter::kBicubic);
  const RowSpan span{source.pixels.data(), 61, 29, 61 * 3};
  std::vector<uint8_t> fast(29 * 80), slow(29 * 80), fast_rows(11 * 183), slow_rows(11 * 183);
  fastest_passes().rows(span, weights, fast.data(), 80);
  portable_passes().rows(span, weights, slow.data(), 80);
  for (int y = 0; y < 29; ++y) {
    EXPECT_TRUE(std::equal(fast.begin() + y * 80, fast.begin() + y * 80 + 69, slow.begin() + y * 80)) << y;
  }
  fastest_passes().columns(span, 0, rows, fast_rows.data(), 183);
  portable_passes().columns(span, 0, rows, slow_rows.data(), 183);
  EXPECT_EQ(fast_rows, slow_rows);
}

TEST(Resize, EqualsPilLive) {
  if (!fs::exists(WINNOW_PYTHON)) GTEST_SKIP() << "needs the Python of WINNOW_DEPS with Pillow";
  const test::TempDir folder;
  const Image source = noise(123, 97);
  const auto png = encode_png(source);
  write_file_atomically(folder / "in.png", {reinterpret_cast<const char*>(png.data()), png.size()});
  const std::string script =
      "from PIL import Image\n"
      "im = Image.open('in.png')\n"
      "for i, f in enumerate((Image.BILINEAR, Image.BICUBIC, Image.LANCZOS)):\n"
      "    im.resize((64, 50), f, box=(2.75, 1.5, 120.5, 96.25)).save(f'{i}.png')\n"
      "    im.resize((200, 150), f).save(f'up{i}.png')\n";
  write_file_atomically(folder / "run.py", script);
  const std::string command = "cd '" + folder.path().string() + "' && '" + WINNOW_PYTHON + "' run.py 2>error.txt";
  if (std::system(command.c_str()) != 0)
    GTEST_SKIP() << "this Python has no Pillow: " << read_file(folder / "error.txt");
  const Filter filters[] = {Filter::kBilinear, Filter::kBicubic, Filter::kLanczos};
  for (int i = 0; i < 3; ++i) {
    const auto golden = [&](const std::string& name) {
      return decode_image(test::to_bytes(read_file(folder / name)), name);
    };
    EXPECT_LE(largest_difference(resize(source, 64, 50, {2.75, 1.5, 120.5, 96.25}, filters[i]),
                                 golden(std::to_string(i) + ".png")),
              1);
    EXPECT_LE(largest_difference(resize(source, 200, 150, filters[i]), golden("up" + std::to_string(i) + ".png")), 1);
  }
}

TEST(Resize, KeepsAConstantPicture) {
  Image grey(31, 17);
  std::fill(grey.pixels.begin(), grey.pixels.end(), 200);
  for (const Filter filter : {Filter::kBilinear, Filter::kBicubic, Filter::kLanczos}) {
    for (const uint8_t p : resize(grey, 13, 29, filter).pixels) ASSERT_EQ(p, 200);
  }
}

TEST(Resize, HalvingAveragesByHand) {
  Image row(4, 1);
  const uint8_t values[] = {0, 100, 200, 40};
  for (int x = 0; x < 4; ++x) std::fill_n(row.at(x, 0), 3, values[x]);
  const Image half = resize(row, 2, 1);
  // A triangle of support 2 around 1.0 and 3.0, cut at the border: weights 3/7, 3/7, 1/7.
  EXPECT_EQ(half.at(0, 0)[0], 71);   // (0 * 3 + 100 * 3 + 200) / 7 = 71.43
  EXPECT_EQ(half.at(1, 0)[1], 117);  // (100 + 200 * 3 + 40 * 3) / 7 = 117.14
}

TEST(Resize, RefusesBadTargetsAndBoxes) {
  const Image source = noise(10, 10);
  EXPECT_THROW(resize(source, 0, 5), Error);
  EXPECT_THROW(resize(source, 5, 5, {0, 0, 10.5, 10}), Error);
  EXPECT_THROW(resize(source, 5, 5, {4, 4, 4, 8}), Error);
  EXPECT_THROW(resize(source, 5, 5, {-1, 0, 8, 8}), Error);
  EXPECT_THROW(resize(Image(), 5, 5), Error);
}

TEST(CenterView, IsOneResizeOfTheMiddle) {
  const Image source = noise(40, 30);
  const Image view = center_view(source, 16, 0.8);
  EXPECT_EQ(view.pixels, resize(source, 16, 16, {8, 3, 32, 27}).pixels);
  EXPECT_EQ(center_view(source, 30, 1.0).pixels, crop(source, 5, 0, 30, 30).pixels);
  EXPECT_THROW(center_view(source, 16, 1.5), Error);
}

TEST(PadView, CentresOnGrey) {
  Image red(20, 10);
  for (int i = 0; i < 200; ++i) red.pixels[i * 3] = 255;
  const Image view = pad_view(red, 8);
  ASSERT_EQ(view.width, 8);
  ASSERT_EQ(view.height, 8);
  EXPECT_EQ(view.at(3, 1)[0], 114);
  EXPECT_EQ(view.at(3, 1)[1], 114);
  EXPECT_EQ(view.at(0, 2)[0], 255);
  EXPECT_EQ(view.at(7, 5)[1], 0);
  EXPECT_EQ(view.at(7, 6)[1], 114);
}

TEST(Crop, CopiesAndChecks) {
  const Image source = noise(9, 7);
  const Image part = crop(source, 2, 3, 4, 2);
  EXPECT_TRUE(std::equal(part.at(0, 1), part.at(0, 1) + 12, source.at(2, 4)));
  EXPECT_THROW(crop(source, 6, 0, 4, 2), Error);
}

TEST(Flip, MirrorsColumns) {
  const Image source = noise(5, 3);
  Image flipped = source;
  flip_horizontally(flipped);
  for (int x = 0; x < 5; ++x) EXPECT_EQ(flipped.at(x, 2)[1], source.at(4 - x, 2)[1]);
  flip_horizontally(flipped);
  EXPECT_EQ(flipped.pixels, source.pixels);
}

TEST(FitWithin, OnlyScalesDown) {
  EXPECT_EQ(fit_within(noise(40, 20), 10).height, 5);
  EXPECT_EQ(fit_within(noise(300, 1), 10).height, 1);
  EXPECT_EQ(fit_within(noise(8, 4), 10).width, 8);
}

}  // namespace
}  // namespace winnow
