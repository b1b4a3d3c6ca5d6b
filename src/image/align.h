#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

#include "src/image/image.h"

namespace winnow {

struct Point {
  double x = 0, y = 0;
};
/// Left eye, right eye, nose, left mouth corner, right mouth corner; "left" is left in the picture.
using FacePoints = std::array<Point, 5>;

/// Where a network wants the five points, and the size of its pictures (face.md 3).
struct FaceTemplate {
  std::string name;  ///< "arcface112", "sphereface96x112", "arcface:SIZE"
  int width = 112, height = 112;
  FacePoints points;
};
/// arcface112, sphereface96x112, arcface:SIZE with SIZE a multiple of 112 (scaled) or of 128 (scaled and moved in x, as
/// insightface's face_align does). @throws Error(kUsage) for anything else
FaceTemplate face_template(const std::string& name);

/// x' = m[0] x + m[1] y + m[2], y' = m[3] x + m[4] y + m[5]: source to output.
struct Similarity {
  std::array<double, 6> m{1, 0, 0, 0, 1, 0};
  double scale() const;
  double degrees() const;  ///< of rotation; positive turns the source clockwise on the screen as y points down
  Point apply(Point p) const;
  Similarity inverse() const;
};

/// Two rules give different warps for the same points.
enum class AlignRule {
  kUmeyama,  ///< least squares source -> template (Umeyama 1991; skimage, insightface)
  kCp2tform  ///< least squares template -> source, inverted; also tries a reflection (SphereFace, AdaFace's MTCNN)
};
/// @throws Error(kUsage) for anything but umeyama, cp2tform
AlignRule align_rule(const std::string& name);

/// @throws Error(kData) when the source points coincide or are not finite
Similarity fit_similarity(std::span<const Point> source, std::span<const Point> target, AlignRule rule);
/// Root mean square distance of the warped source points to the template, in output pixels.
double alignment_residual(const Similarity& warp, std::span<const Point> source, std::span<const Point> target);

/// Bilinear, black outside, as OpenCV's warpAffine does it.
Image warp_face(const Image& source, const Similarity& warp, int width, int height);

/// 68 landmarks (iBUG order) to five: eyes by their corners 36, 39 and 42, 45, nose 30, mouth 48, 54.
FacePoints five_of_68(std::span<const Point> points);

/// Whether a picture of the template's size looks as if its face stood where the template wants it.
struct AlignmentSigns {
  int64_t pictures = 0;
  int64_t odd_size = 0;     ///< pictures whose size is not the template's
  double eye_contrast = 0;  ///< mean grey of the cheeks minus that of the eyes in the mean picture; aligned faces: > 8
  double symmetry = 0;      ///< correlation of the mean picture with its mirror image; aligned faces: > 0.8
  /// A sentence when the set does not look aligned, else empty.
  std::string warning;
};
/// Looks at the mean of the pictures, which shows a face only when all faces lie alike: eyes darker than cheeks, left
/// like right. A heuristic for sets (20 pictures and more), never for one picture.
class AlignmentProbe {
 public:
  explicit AlignmentProbe(FaceTemplate face) : face_(std::move(face)) {}
  void add(const Image& image);
  AlignmentSigns signs() const;

 private:
  FaceTemplate face_;
  std::vector<double> sum_;
  int64_t pictures_ = 0, used_ = 0;
};

}  // namespace winnow
