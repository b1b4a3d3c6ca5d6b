#include "data/landmarks.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "src/image/align.h"
#include "src/image/fit_face.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_dir.h"

namespace winnow {
namespace {

TEST(Landmarks, ListsAndFoldersAreRead) {
  const auto five = parse_landmarks("path,x1,y1,x2,y2,x3,y3,x4,y4,x5,y5\na.jpg,1,2,3,4,5,6,7,8,9,10\n", "l.csv");
  EXPECT_EQ(five.at("a.jpg")[4].y, 10);
  EXPECT_EQ(parse_landmarks("a.jpg 1 2 3 4 5 6 7 8 9 10 0.99\n", "l.txt").at("a.jpg")[0].x, 1);
  std::string many = "b.jpg";
  for (int i = 0; i < 68; ++i) many += " " + std::to_string(i) + " " + std::to_string(100 + i);
  EXPECT_EQ(parse_landmarks(many, "l.txt").at("b.jpg")[0].x, 37.5);  // corners 36 and 39
  const test::TempDir dir;
  std::ofstream(dir.path() / "A_0001_5loc_attri.txt") << "1 2\n3 4\n5 6\n7 8\n9 10\nattributes\n";
  EXPECT_EQ(read_landmarks(dir.path()).at("A_0001.jpg")[2].x, 5);
}

TEST(Landmarks, DamageIsNamedByLine) {
  for (const char* text : {"a 1 2 3\n", "a 1 2 3 4 5 6 7 8 9 x\n", "a 1 2 3 4 5 6 7 8 9 nan\n"})
    EXPECT_NE(test::error_of(ErrorCode::kData, [&] { parse_landmarks(text, "l.txt"); }).find("l.txt:1"),
              std::string::npos);
  EXPECT_NE(test::error_of(ErrorCode::kData,
                           [] { parse_landmarks("a 1 2 3 4 5 6 7 8 9 0\na 1 2 3 4 5 6 7 8 9 0\n", "l.txt"); })
                .find("l.txt:2"),
            std::string::npos);
}

/// A face of flat grey with dark eyes and mouth at the given points.
Image drawn_face(const FacePoints& points, int width, int height) {
  Image out(width, height);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      int value = 160;
      for (const size_t i : {0u, 1u, 3u, 4u})
        if (std::hypot(x - points[i].x, y - points[i].y) < 6) value = 30;
      for (int c = 0; c < 3; ++c) out.at(x, y)[c] = static_cast<uint8_t>(value);
    }
  return out;
}

TEST(Align, WarpsTheEyesToTheTemplate) {
  const auto face = face_template("arcface112");
  Similarity away;
  away.m = {1.2, 0.3, 20, -0.3, 1.2, 60};
  FacePoints points;
  for (size_t i = 0; i < 5; ++i) points[i] = away.apply(face.points[i]);
  const Image picture = drawn_face(points, 260, 260);
  const auto warp = fit_similarity(points, face.points, AlignRule::kUmeyama);
  EXPECT_NEAR(alignment_residual(warp, points, face.points), 0, 1e-9);
  const Image aligned = warp_face(picture, warp, 112, 112);
  EXPECT_LT(aligned.at(38, 52)[0], 60);
  EXPECT_LT(aligned.at(74, 52)[0], 60);
  EXPECT_GT(aligned.at(56, 40)[0], 140);
}

TEST(Align, UnalignedSetsAreDetected) {
  const auto face = face_template("arcface112");
  AlignmentProbe good(face), moved(face), odd(face);
  for (int i = 0; i < 30; ++i) {
    good.add(drawn_face(face.points, 112, 112));
    FacePoints points = face.points;
    for (auto& p : points) p = {p.x * 0.5 + i % 5 * 9, p.y * 0.5 + i % 7 * 8};
    moved.add(drawn_face(points, 112, 112));
    odd.add(Image(250, 250));
  }
  EXPECT_EQ(good.signs().warning, "");
  EXPECT_GT(good.signs().eye_contrast, 50);
  EXPECT_NE(moved.signs().warning.find("probably not aligned"), std::string::npos);
  EXPECT_NE(odd.signs().warning.find("30 of 30 pictures are not 112x112"), std::string::npos);
}

TEST(FitFace, EdgesAreRepeated) {
  Image narrow(2, 4);
  for (int y = 0; y < 4; ++y) narrow.at(0, y)[0] = 10, narrow.at(1, y)[0] = 200;
  const Image square = fit_face(narrow, 4, 4, "edge");
  EXPECT_EQ(square.at(0, 2)[0], 10);
  EXPECT_EQ(square.at(1, 2)[0], 10);
  EXPECT_EQ(square.at(3, 2)[0], 200);
  test::error_of(ErrorCode::kUsage, [&] { fit_face(narrow, 4, 4, "crop"); });
}

}  // namespace
}  // namespace winnow
