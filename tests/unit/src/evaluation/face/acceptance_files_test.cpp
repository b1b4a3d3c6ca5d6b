// The checks of face.md 8 that are about bytes and points: 7 and 8 (6 is in data/).
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "src/evaluation/face/bin_file.h"
#include "src/evaluation/face/megaface_files.h"
#include "src/evaluation/face/pair_files.h"
#include "src/image/align.h"
#include "tests/support/expect_error.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/src/evaluation/face/hex.h"

namespace winnow {
namespace {

using test::from_hex;

TEST(FaceAcceptance, Check7) {
  const std::string picture_a = from_hex("ffd8ffd9"), picture_b = from_hex("ffd800ffd9");
  const char* dialects[] = {"80025d7100285504ffd8ffd971015505ffd800ffd97102655d710388618671042e",
                            "80035d7100284304ffd8ffd971014305ffd800ffd97102655d710388618671042e",
                            "8004951a000000000000005d94284304ffd8ffd9944305ffd800ffd994655d94886186942e"};
  for (const char* hex : dialects) {
    const std::string bytes = from_hex(hex);
    const BinFile bin = parse_bin_file(bytes, "small.bin");
    ASSERT_EQ(bin.pictures.size(), 2u) << hex;
    EXPECT_EQ(bin.pictures[0], picture_a);
    EXPECT_EQ(bin.pictures[1], picture_b);
    ASSERT_EQ(bin.list.pairs.size(), 1u);
    EXPECT_TRUE(bin.list.pairs[0].same);
  }
  std::string hostile = from_hex(dialects[1]);
  hostile.replace(hostile.find(from_hex("8861")), 1, "cos\nsystem\n");
  const std::string message = test::error_of(ErrorCode::kData, [&] { parse_bin_file(hostile, "hostile.bin"); });
  EXPECT_NE(message.find("hostile.bin"), std::string::npos);
  EXPECT_NE(message.find("offset"), std::string::npos) << message;

  const std::string feature = from_hex("030000000100000004000000050000000000803f000000bf0000803e");
  EXPECT_EQ(parse_megaface_feature(feature, "f.bin"), (std::vector<float>{1, -.5f, .25f}));
  EXPECT_EQ(megaface_feature_bytes(std::vector<float>{1, -.5f, .25f}), feature);

  const auto list = parse_lfw_pairs("2\t1\nA\t1\t2\nA\t1\tB\t3\nB\t2\t3\nC\t1\tB\t1\n", "pairs.txt");
  ASSERT_EQ(list.pairs.size(), 4u);
  const bool same[] = {true, false, true, false};
  const int folds[] = {0, 0, 1, 1};
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(list.pairs[i].same, same[i]);
    EXPECT_EQ(list.pairs[i].fold, folds[i]);
  }
  EXPECT_EQ(list.images[0], "A/A_0001.jpg");
}

void expect_warp(const Similarity& warp, const std::array<double, 6>& want) {
  for (size_t i = 0; i < 6; ++i) EXPECT_NEAR(warp.m[i], want[i], 1e-6) << "entry " << i;
}

TEST(FaceAcceptance, Check8) {
  const FacePoints face = {{{46.060, 62.026}, {87.785, 60.323}, {68.851, 77.656}, {52.162, 99.875}, {86.450, 98.648}}};
  const auto arcface = face_template("arcface112"), sphere = face_template("sphereface96x112");
  const auto umeyama = fit_similarity(face, arcface.points, AlignRule::kUmeyama);
  expect_warp(umeyama, {0.953371755, -0.044243569, -5.526061167, 0.044243569, 0.953371755, -7.108424509});
  EXPECT_NEAR(umeyama.scale(), 0.954397818, 1e-6);
  EXPECT_NEAR(umeyama.degrees(), 2.657045669, 1e-6);
  EXPECT_NEAR(alignment_residual(umeyama, face, arcface.points), 2.828616930, 1e-6);
  const auto narrow = fit_similarity(face, sphere.points, AlignRule::kUmeyama);
  EXPECT_NEAR(narrow.m[2], -13.526061167, 1e-6);
  EXPECT_NEAR(narrow.m[5], umeyama.m[5], 1e-6);
  const auto inverse = fit_similarity(face, arcface.points, AlignRule::kCp2tform);
  EXPECT_NEAR(inverse.scale(), 0.968740581, 1e-6);
  EXPECT_NEAR(inverse.m[0], 0.967699098, 1e-6);
  EXPECT_NEAR(inverse.m[2], -6.451072617, 1e-6);
  EXPECT_NEAR(inverse.m[5], -8.295780829, 1e-6);

  Similarity known;  // scale .5, 30 degrees, t = (10, 20)
  known.m = {0.433012702, -0.25, 10, 0.25, 0.433012702, 20};
  FacePoints made;
  for (size_t i = 0; i < 5; ++i) made[i] = known.inverse().apply(arcface.points[i]);
  expect_warp(fit_similarity(made, arcface.points, AlignRule::kUmeyama), known.m);

  FacePoints mirrored = arcface.points;
  for (auto& p : mirrored) p.x = -p.x;
  expect_warp(fit_similarity(mirrored, arcface.points, AlignRule::kUmeyama),
              {0.225302175, 0.002533454, 68.466818353, -0.002533454, 0.225302175, 55.559438202});
}

}  // namespace
}  // namespace winnow
