#include "src/image/align.h"

#include <cmath>
#include <numbers>

#include "src/core/error.h"
#include "src/core/text.h"

namespace winnow {
namespace {

constexpr FacePoints kArcFace112 = {
    {{38.2946, 51.6963}, {73.5318, 51.5014}, {56.0252, 71.7366}, {41.5493, 92.3655}, {70.7299, 92.2041}}};

Point mean_of(std::span<const Point> points) {
  Point out;
  for (const auto& p : points) {
    out.x += p.x / static_cast<double>(points.size());
    out.y += p.y / static_cast<double>(points.size());
  }
  return out;
}

/// In two dimensions without reflection Umeyama's solution is ordinary least squares on (a, b, tx, ty) with
/// x' = a x - b y + tx, y' = b x + a y + ty, whose closed form needs no SVD.
Similarity least_squares(std::span<const Point> from, std::span<const Point> to) {
  const Point f = mean_of(from), t = mean_of(to);
  double spread = 0, a = 0, b = 0;
  for (size_t i = 0; i < from.size(); ++i) {
    const double x = from[i].x - f.x, y = from[i].y - f.y, u = to[i].x - t.x, v = to[i].y - t.y;
    spread += x * x + y * y;
    a += x * u + y * v;
    b += x * v - y * u;
  }
  if (!(spread > 1e-12) || !std::isfinite(spread + a + b))
    throw Error(ErrorCode::kData, "[align] finite points that do not all coincide are required");
  a /= spread;
  b /= spread;
  Similarity out;
  out.m = {a, -b, t.x - a * f.x + b * f.y, b, a, t.y - b * f.x - a * f.y};
  return out;
}

double squared_error(const Similarity& warp, std::span<const Point> from, std::span<const Point> to) {
  double sum = 0;
  for (size_t i = 0; i < from.size(); ++i) {
    const Point p = warp.apply(from[i]);
    sum += (p.x - to[i].x) * (p.x - to[i].x) + (p.y - to[i].y) * (p.y - to[i].y);
  }
  return sum;
}

/// MATLAB's cp2tform 'similarity': the fit of template -> source, with and without the template mirrored in x; the one
/// with the smaller error in the template's pixels, as a map source -> template.
Similarity inverse_fit(std::span<const Point> source, std::span<const Point> target) {
  const Similarity plain = least_squares(target, source).inverse();
  std::vector<Point> mirrored(target.begin(), target.end());
  for (auto& p : mirrored) p.x = -p.x;
  Similarity reflected = least_squares(mirrored, source).inverse();
  for (const size_t i : {0, 1, 2}) reflected.m[i] = -reflected.m[i];  // back to the unmirrored template
  return squared_error(plain, source, target) <= squared_error(reflected, source, target) ? plain : reflected;
}

}  // namespace

FaceTemplate face_template(const std::string& name) {
  FaceTemplate out{name, 112, 112, kArcFace112};
  if (name == "arcface112") return out;
  if (name == "sphereface96x112") {
    out.width = 96;
    for (auto& p : out.points) p.x -= 8;  // in x only: moving y too is a known bug
    return out;
  }
  const auto parts = split(name, ':');
  const auto size = parts.size() == 2 && parts[0] == "arcface" ? parse_int(parts[1]) : std::nullopt;
  if (!size || *size < 1 || *size > 4096 || (*size % 112 != 0 && *size % 128 != 0))
    throw Error(
        ErrorCode::kUsage,
        "[align] a template is arcface112, sphereface96x112 or arcface:SIZE with SIZE a multiple of 112 or 128, "
        "got '" +
            name + "'");
  const bool plain = *size % 112 == 0;
  const double ratio = static_cast<double>(*size) / (plain ? 112 : 128);
  for (auto& p : out.points) p = {p.x * ratio + (plain ? 0 : 8 * ratio), p.y * ratio};
  out.width = out.height = static_cast<int>(*size);
  return out;
}

double Similarity::scale() const { return std::sqrt(m[0] * m[0] + m[3] * m[3]); }
double Similarity::degrees() const { return std::atan2(m[3], m[0]) * 180 / std::numbers::pi; }
Point Similarity::apply(Point p) const { return {m[0] * p.x + m[1] * p.y + m[2], m[3] * p.x + m[4] * p.y + m[5]}; }
Similarity Similarity::inverse() const {
  const double d = m[0] * m[4] - m[1] * m[3];
  if (!(std::abs(d) > 1e-300)) throw Error(ErrorCode::kData, "[align] the warp has no inverse: its points coincide");
  Similarity out;
  out.m = {m[4] / d, -m[1] / d, (m[1] * m[5] - m[4] * m[2]) / d, -m[3] / d, m[0] / d, (m[3] * m[2] - m[0] * m[5]) / d};
  return out;
}

AlignRule align_rule(const std::string& name) {
  if (name == "umeyama") return AlignRule::kUmeyama;
  if (name == "cp2tform") return AlignRule::kCp2tform;
  throw Error(ErrorCode::kUsage, "[align] a rule is umeyama or cp2tform, got '" + name + "'");
}

Similarity fit_similarity(std::span<const Point> source, std::span<const Point> target, AlignRule rule) {
  if (source.size() != target.size() || source.size() < 2)
    throw Error(ErrorCode::kShape, "[align] two or more pairs of points are required");
  return rule == AlignRule::kUmeyama ? least_squares(source, target) : inverse_fit(source, target);
}

double alignment_residual(const Similarity& warp, std::span<const Point> source, std::span<const Point> target) {
  return std::sqrt(squared_error(warp, source, target) / static_cast<double>(source.size()));
}

FacePoints five_of_68(std::span<const Point> p) {
  if (p.size() != 68)
    throw Error(ErrorCode::kShape, "[align] 68 landmarks are required, got " + std::to_string(p.size()));
  const auto middle = [](Point a, Point b) { return Point{(a.x + b.x) / 2, (a.y + b.y) / 2}; };
  return {middle(p[36], p[39]), middle(p[42], p[45]), p[30], p[48], p[54]};
}

}  // namespace winnow
