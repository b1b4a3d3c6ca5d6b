#include "data/catalogue.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "data/catalogue_scene.h"
#include "src/core/csv.h"
#include "src/core/error.h"
#include "src/core/parallel.h"
#include "src/image/codec.h"
#include "tests/support/temp_dir.h"

namespace winnow {
namespace {

CatalogueOptions tiny() {
  CatalogueOptions o;
  o.classes = 9;
  o.held_out_classes = 3;
  o.per_class = 5;
  o.gallery_per_class = 2;
  o.query_per_class = 1;
  o.size = 32;
  return o;
}

std::string picture_bytes(const fs::path& folder) {
  std::string all;
  const Csv csv = read_csv(folder / "train.csv");
  for (const auto& row : csv.rows) all += read_file(folder / row[0]);
  return all;
}

double mean_difference(const Image& a, const Image& b) {
  double sum = 0;
  for (size_t i = 0; i < a.pixels.size(); ++i) sum += std::abs(a.pixels[i] - b.pixels[i]);
  return sum / static_cast<double>(a.pixels.size());
}

TEST(DrawProduct, IsAFunctionOfItsArguments) {
  const Image one = draw_product(7, 3, 1, 64);
  EXPECT_EQ(one.width, 64);
  EXPECT_EQ(one.pixels, draw_product(7, 3, 1, 64).pixels);
  EXPECT_GT(mean_difference(one, draw_product(7, 3, 2, 64)), 5);
  EXPECT_GT(mean_difference(one, draw_product(7, 4, 1, 64)), 5);
  EXPECT_GT(mean_difference(one, draw_product(8, 3, 1, 64)), 5);
  EXPECT_THROW(draw_product(7, 3, 1, 8), Error);
}

TEST(DrawProduct, UsesTheWholeRangeOfTones) {
  for (int shot = 0; shot < 12; ++shot) {
    const Image image = draw_product(7, shot * 5, shot, 80);
    const auto [low, high] = std::minmax_element(image.pixels.begin(), image.pixels.end());
    EXPECT_LT(*low, 90) << shot;
    EXPECT_GT(*high, 90) << shot;
  }
}

TEST(Design, ALineSharesItsShapeAndColoursAndDiffersInPrint) {
  using catalogue::design_product;
  for (int64_t line = 0; line < 30; ++line) {
    const auto a = design_product(7, 3 * line), b = design_product(7, 3 * line + 1);
    EXPECT_EQ(a.silhouette.name, b.silhouette.name);
    ASSERT_EQ(a.silhouette.parts.size(), b.silhouette.parts.size());
    EXPECT_EQ(a.silhouette.parts[0].outline[0].x, b.silhouette.parts[0].outline[0].x);
    EXPECT_EQ(a.body.r, b.body.r);
    EXPECT_TRUE(a.label.word != b.label.word || a.label.logo.kind != b.label.logo.kind);
  }
}

TEST(Design, ManyShapesAndUniqueNames) {
  std::set<std::string> names, shapes;
  for (int64_t c = 0; c < 220; ++c) {
    names.insert(product_name(7, c));
    shapes.insert(catalogue::design_product(7, c).silhouette.name);
  }
  EXPECT_EQ(names.size(), 220u);
  EXPECT_GE(shapes.size(), 18u);
  for (const std::string& name : names) {
    EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-"), std::string::npos) << name;
  }
}

TEST(Silhouettes, EveryKindStaysInItsFrameAndCarriesALabel) {
  for (int kind = 0; kind < catalogue::silhouette_kinds(); ++kind) {
    for (int trial = 0; trial < 5; ++trial) {
      Random random(1, "silhouette", kind, trial);
      const auto silhouette = catalogue::draw_silhouette(kind, random);
      int labelled = 0;
      for (const auto& part : silhouette.parts) {
        labelled += part.labelled;
        ASSERT_GE(part.outline.size(), 3u) << silhouette.name;
        for (const auto& p : part.outline) {
          EXPECT_LE(std::abs(p.x), 1.15) << silhouette.name;
          EXPECT_LE(std::abs(p.y), 1.15) << silhouette.name;
        }
      }
      EXPECT_EQ(labelled, 1) << silhouette.name;
    }
  }
}

TEST(Marks, LettersReadAsDrawn) {
  // "T": the top bar and the stem, in a grid of 3 x 5 cells over -1..1.
  const auto cell = [](int column, int row) {
    return catalogue::letters_cover("T", -1 + (column + 0.5) * 2 / 3, -1 + (row + 0.5) * 2 / 5);
  };
  for (int column = 0; column < 3; ++column) EXPECT_TRUE(cell(column, 0));
  for (int row = 1; row < 5; ++row) {
    EXPECT_FALSE(cell(0, row));
    EXPECT_TRUE(cell(1, row));
    EXPECT_FALSE(cell(2, row));
  }
}

TEST(Canvas, CoverageIsTheArea) {
  catalogue::Canvas canvas(10, 4);
  canvas.fill(catalogue::rectangle(4, 8, 22, 24), [](double, double, catalogue::Color& c) { c = {1, 1, 1}; });
  const auto pixels = canvas.downsample();
  EXPECT_FLOAT_EQ(pixels[2 * 10 + 1].r, 1);
  EXPECT_FLOAT_EQ(pixels[2 * 10 + 5].g, 0.5);  // samples 20 and 21 of 20..23
  EXPECT_FLOAT_EQ(pixels[2 * 10 + 6].b, 0);
  EXPECT_FLOAT_EQ(pixels[1 * 10 + 3].r, 0);
}

TEST(Canvas, HomographyInverts) {
  const catalogue::Homography map{{2, 0.3, 5, -0.1, 1.5, 7, 0.01, 0.02, 1}};
  const auto there = map({3, -2}), back = map.inverse()(there);
  EXPECT_NEAR(back.x, 3, 1e-9);
  EXPECT_NEAR(back.y, -2, 1e-9);
}

TEST(Catalogue, WritesManifestsWithExactNoise) {
  const test::TempDir folder;
  make_catalogue(folder.path(), tiny());
  const Csv train = read_csv(folder / "train.csv");
  ASSERT_EQ(train.header, (std::vector<std::string>{"path", "label", "true_label"}));
  ASSERT_EQ(train.rows.size(), 45u);
  std::set<std::string> classes;
  int wrong = 0;
  for (const auto& row : train.rows) {
    classes.insert(row[2]);
    wrong += row[1] != row[2];
    EXPECT_NE(row[0].find("/" + row[2] + "/"), std::string::npos);
  }
  EXPECT_EQ(classes.size(), 9u);
  EXPECT_EQ(wrong, 18);  // 0.4 * 45
  for (const auto& row : train.rows) EXPECT_TRUE(classes.count(row[1]));
  const Csv gallery = read_csv(folder / "gallery.csv"), query = read_csv(folder / "query.csv");
  EXPECT_EQ(gallery.rows.size(), 6u);
  EXPECT_EQ(query.rows.size(), 3u);
  for (const auto& row : query.rows) {
    EXPECT_FALSE(classes.count(row[1])) << "a held-out class was trained on";
    const std::string bytes = read_file(folder / row[0]);
    const auto* begin = reinterpret_cast<const std::byte*>(bytes.data());
    EXPECT_EQ(decode_image({begin, bytes.size()}, row[0]).width, 32);
  }
}

TEST(Catalogue, DependsOnOptionsAndNotOnThreads) {
  const test::TempDir one, two;
  const int threads = thread_count();
  set_thread_count(1);
  make_catalogue(one.path(), tiny());
  set_thread_count(3);
  make_catalogue(two.path(), tiny());
  set_thread_count(threads);
  EXPECT_EQ(read_file(one / "train.csv"), read_file(two / "train.csv"));
  EXPECT_EQ(picture_bytes(one.path()), picture_bytes(two.path()));
}

TEST(Catalogue, SecondCallDoesNothingAndOtherOptionsReplace) {
  const test::TempDir folder;
  make_catalogue(folder.path(), tiny());
  const Csv train = read_csv(folder / "train.csv");
  const fs::path mark = folder.path() / train.rows[0][0];
  std::ofstream(mark) << "touched";
  make_catalogue(folder.path(), tiny());
  EXPECT_EQ(read_file(mark), "touched");

  CatalogueOptions other = tiny();
  other.noise = 0;
  make_catalogue(folder.path(), other);
  EXPECT_NE(read_file(mark), "touched");
  for (const auto& row : read_csv(folder / "train.csv").rows) EXPECT_EQ(row[1], row[2]);
}

TEST(Catalogue, AnUnfinishedOneIsMadeAgain) {
  const test::TempDir folder;
  make_catalogue(folder.path(), tiny());
  const std::string query = read_file(folder / "query.csv");
  std::ofstream(folder / "query.csv") << "path,label\n";
  make_catalogue(folder.path(), tiny());
  EXPECT_EQ(read_file(folder / "query.csv"), query);
  EXPECT_FALSE(fs::exists(folder / "images.partial"));
}

TEST(Catalogue, RefusesImpossibleOptions) {
  const test::TempDir folder;
  CatalogueOptions o = tiny();
  o.classes = 1;
  EXPECT_THROW(make_catalogue(folder.path(), o), Error);
  o = tiny();
  o.noise = 1.5;
  EXPECT_THROW(make_catalogue(folder.path(), o), Error);
}

}  // namespace
}  // namespace winnow
