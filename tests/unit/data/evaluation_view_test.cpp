#include "data/loader.h"
#include "src/image/transform.h"
#include "tests/support/shared_data.h"
#include "tests/unit/data/support.h"

namespace winnow {
namespace {

using test::error_of;
using test::make_picture;

LoaderOptions options_of(const std::string& view, int size = 16) {
  LoaderOptions options;
  options.view = view;
  options.size = size;
  return options;
}

TEST(EvaluationView, CropTakesTheCentreSquare) {
  const Image image = make_picture(60, 40, 1);
  const double side = 40 * 0.875, x = (60 - side) / 2, y = (40 - side) / 2;
  EXPECT_EQ(evaluation_view(image, options_of("crop")).pixels,
            resize(image, 16, 16, {x, y, x + side, y + side}).pixels);
}

TEST(EvaluationView, StretchAndPadShowTheWholePicture) {
  const Image image = make_picture(60, 40, 1);
  EXPECT_EQ(evaluation_view(image, options_of("stretch")).pixels, resize(image, 16, 16).pixels);
  const Image padded = evaluation_view(image, options_of("pad"));
  EXPECT_EQ(padded.width, 16);
  EXPECT_EQ(int(padded.at(8, 0)[0]), 114);
  error_of([&] { evaluation_view(image, options_of("centre")); }, ErrorCode::kConfig);
}

TEST(EvaluationView, BoxIsThePicture) {
  const Image image = make_picture(60, 40, 1);
  const Image part = crop(image, 10, 5, 20, 30);
  for (const char* view : {"crop", "pad", "stretch"}) {
    EXPECT_EQ(evaluation_view(image, Box{10, 5, 30, 35}, options_of(view)).pixels,
              evaluation_view(part, options_of(view)).pixels);
    EXPECT_EQ(evaluation_view(image, Box{10.9, 5.9, 29.1, 34.1}, options_of(view)).pixels,
              evaluation_view(part, options_of(view)).pixels);
  }
  EXPECT_EQ(evaluation_view(image, Box{50, 30, 500, 500}, options_of("stretch")).pixels,
            evaluation_view(crop(image, 50, 30, 10, 10), options_of("stretch")).pixels);
  error_of([&] { evaluation_view(image, Box{60, 0, 70, 10}, options_of("crop")); }, ErrorCode::kData);
}

TEST(DecodeOptions, ReduceOnlyWhenAllowedAndNeverBelowTwiceTheView) {
  LoaderOptions options = options_of("crop", 224);
  EXPECT_EQ(decode_options(options).target_short_side, 512);
  options.reduced_decode = false;
  EXPECT_EQ(decode_options(options).target_short_side, 0);
}

struct Probe {
  int x, y, r, g, b;
};

/// PIL's pixels by eval_pictures of ../shared/peers/retrieval_noise.py (Pillow 13.0, size 64, crop 0.875).
void expect_as_in_pil(const std::string& set, const std::string& path, int64_t sum, const std::vector<Probe>& probes) {
  const fs::path folder = test::shared_folder() / "datasets" / set;
  const auto bytes = open_tar_store({folder / (set + ".tar")})->read(path);
  const Image view = evaluation_view(decode_image(bytes, path), options_of("crop", 64));
  int64_t total = 0;
  for (const uint8_t value : view.pixels) total += value;
  EXPECT_NEAR(double(total) / double(view.pixels.size()), double(sum) / double(view.pixels.size()), 0.1) << path;
  for (const auto& probe : probes) {
    const uint8_t* pixel = view.at(probe.x, probe.y);
    EXPECT_NEAR(pixel[0], probe.r, 1) << path << " " << probe.x << "," << probe.y;
    EXPECT_NEAR(pixel[1], probe.g, 1) << path << " " << probe.x << "," << probe.y;
    EXPECT_NEAR(pixel[2], probe.b, 1) << path << " " << probe.x << "," << probe.y;
  }
}

TEST(EvaluationView, EqualsThePythonPeerOnRealPictures) {
  WINNOW_NEEDS_SHARED();
  expect_as_in_pil("grocery", "test/Fruit/Avocado/Avocado_001.jpg", 1199695,
                   {{0, 0, 138, 129, 118},
                    {63, 0, 231, 223, 220},
                    {0, 63, 108, 83, 79},
                    {63, 63, 250, 233, 207},
                    {32, 32, 15, 20, 6},
                    {17, 41, 114, 118, 79},
                    {50, 9, 253, 254, 250}});
  expect_as_in_pil("att_faces", "s1/1.pgm", 1132122,
                   {{0, 0, 126, 126, 126},
                    {63, 0, 81, 81, 81},
                    {0, 63, 5, 5, 5},
                    {63, 63, 219, 219, 219},
                    {32, 32, 149, 149, 149},
                    {17, 41, 144, 144, 144},
                    {50, 9, 53, 53, 53}});
  expect_as_in_pil("omniglot", "Balinese/character01/0108_01.png", 2807007,
                   {{0, 0, 255, 255, 255}, {32, 32, 0, 0, 0}, {17, 41, 0, 0, 0}, {50, 9, 255, 255, 255}});
}

}  // namespace
}  // namespace winnow
