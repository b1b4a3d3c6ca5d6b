#include <algorithm>
#include <cmath>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>

#include "src/core/error.h"
#include "src/core/tables.h"
#include "src/image/align.h"
#include "src/image/codec.h"

namespace winnow {
namespace {

constexpr int64_t kEnough = 20;  // pictures before a mean picture says anything
constexpr double kEyeContrast = 8, kSymmetry = 0.8;

double grey(const uint8_t* p) { return 0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2]; }

/// Mean of a square of the mean picture.
double mean_around(const std::vector<double>& picture, int width, int height, double x, double y, double half) {
  double sum = 0;
  int count = 0;
  for (int v = std::max(0, static_cast<int>(y - half)); v <= std::min(height - 1, static_cast<int>(y + half)); ++v)
    for (int u = std::max(0, static_cast<int>(x - half)); u <= std::min(width - 1, static_cast<int>(x + half)); ++u) {
      sum += picture[static_cast<size_t>(v * width + u)];
      ++count;
    }
  return count == 0 ? 0 : sum / count;
}

double mirror_correlation(const std::vector<double>& picture, int width, int height) {
  double mean = 0;
  for (const double v : picture) mean += v / static_cast<double>(picture.size());
  double cross = 0, square = 0;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const double a = picture[static_cast<size_t>(y * width + x)] - mean;
      const double b = picture[static_cast<size_t>(y * width + width - 1 - x)] - mean;
      cross += a * b;
      square += a * a;
    }
  return square > 0 ? cross / square : 0;
}

}  // namespace

Image warp_face(const Image& source, const Similarity& warp, int width, int height) {
  init_image_threads();
  if (source.width < 1 || source.height < 1) throw Error(ErrorCode::kShape, "[align] the picture is empty");
  const cv::Mat from(source.height, source.width, CV_8UC3, const_cast<uint8_t*>(source.pixels.data()));
  const cv::Mat matrix = (cv::Mat_<double>(2, 3) << warp.m[0], warp.m[1], warp.m[2], warp.m[3], warp.m[4], warp.m[5]);
  Image out(width, height);
  cv::Mat to(height, width, CV_8UC3, out.pixels.data());
  cv::warpAffine(from, to, matrix, to.size(), cv::INTER_LINEAR, cv::BORDER_CONSTANT, cv::Scalar::all(0));
  return out;
}

void AlignmentProbe::add(const Image& image) {
  ++pictures_;
  if (image.width != face_.width || image.height != face_.height) return;
  ++used_;
  sum_.resize(static_cast<size_t>(image.width) * static_cast<size_t>(image.height));
  for (size_t i = 0; i < sum_.size(); ++i) sum_[i] += grey(image.pixels.data() + 3 * i);
}

AlignmentSigns AlignmentProbe::signs() const {
  AlignmentSigns out;
  out.pictures = pictures_;
  out.odd_size = pictures_ - used_;
  const std::string size = std::to_string(face_.width) + "x" + std::to_string(face_.height);
  if (out.odd_size > 0)
    out.warning = std::to_string(out.odd_size) + " of " + std::to_string(pictures_) + " pictures are not " + size +
                  ": they are probably not aligned";
  if (used_ < kEnough) return out;
  std::vector<double> mean = sum_;
  for (double& v : mean) v /= static_cast<double>(used_);
  const auto& p = face_.points;
  const double half = (p[1].x - p[0].x) * 0.1, drop = (p[3].y - p[0].y) * 0.5;
  for (const int eye : {0, 1}) {
    const double cheek =
        mean_around(mean, face_.width, face_.height, p[static_cast<size_t>(eye)].x, p[0].y + drop, half);
    out.eye_contrast +=
        (cheek - mean_around(mean, face_.width, face_.height, p[static_cast<size_t>(eye)].x, p[0].y, half)) / 2;
  }
  out.symmetry = mirror_correlation(mean, face_.width, face_.height);
  if (out.warning.empty() && (out.eye_contrast < kEyeContrast || out.symmetry < kSymmetry))
    out.warning = "the mean picture does not show a face at the template's place (eyes " +
                  format_number(out.eye_contrast, 1) + " grey levels darker than cheeks, mirror correlation " +
                  format_number(out.symmetry, 2) + "): the faces are probably not aligned";
  return out;
}

}  // namespace winnow
