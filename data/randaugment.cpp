#include "data/randaugment.h"

#include <cmath>
#include <functional>
#include <numbers>

#include "data/pixel_ops.h"
#include "src/core/error.h"

namespace winnow {
namespace {

constexpr double kLargestMagnitude = 30;

void rotate(Image& image, double degrees) {
  const double angle = degrees * std::numbers::pi / 180, c = std::cos(angle), s = std::sin(angle);
  const double x = image.width / 2.0, y = image.height / 2.0;
  warp_nearest(image, {c, -s, x - c * x + s * y, s, c, y - s * x - c * y});
}

/// `level` is the share of the range, -1..1 for operations with a direction.
struct Operation {
  std::string name;
  std::function<void(Image&, double level)> run;
};

const std::vector<Operation>& operations() {
  constexpr double kShear = 0.3, kTranslate = 150.0 / 331.0, kRotate = 30, kEnhance = 0.9;
  static const std::vector<Operation> all = {
      {"identity", [](Image&, double) {}},
      {"shear_x",
       [](Image& m, double v) {
         warp_nearest(m, {1, kShear * v, 0, 0, 1, 0});
       }},
      {"shear_y",
       [](Image& m, double v) {
         warp_nearest(m, {1, 0, 0, kShear * v, 1, 0});
       }},
      {"translate_x",
       [](Image& m, double v) {
         warp_nearest(m, {1, 0, -std::trunc(kTranslate * v * m.width)});
       }},
      {"translate_y",
       [](Image& m, double v) {
         warp_nearest(m, {1, 0, 0, 0, 1, -std::trunc(kTranslate * v * m.height)});
       }},
      {"rotate", [](Image& m, double v) { rotate(m, kRotate * v); }},
      {"brightness", [](Image& m, double v) { adjust_brightness(m, 1 + kEnhance * v); }},
      {"color", [](Image& m, double v) { adjust_saturation(m, 1 + kEnhance * v); }},
      {"contrast", [](Image& m, double v) { adjust_contrast(m, 1 + kEnhance * v); }},
      {"sharpness", [](Image& m, double v) { adjust_sharpness(m, 1 + kEnhance * v); }},
      {"posterize", [](Image& m, double v) { posterize(m, 8 - static_cast<int>(std::lround(4 * std::abs(v)))); }},
      {"solarize", [](Image& m, double v) { solarize(m, static_cast<int>(std::lround(255 * (1 - std::abs(v))))); }},
      {"autocontrast", [](Image& m, double) { autocontrast(m); }},
      {"equalize", [](Image& m, double) { equalize(m); }}};
  return all;
}

}  // namespace

const std::vector<std::string>& randaugment_ops() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list;
    for (const Operation& op : operations()) list.push_back(op.name);
    return list;
  }();
  return names;
}

void apply_randaugment_op(Image& image, const std::string& op, double magnitude, bool negative) {
  const double level = magnitude / kLargestMagnitude * (negative ? -1 : 1);
  for (const Operation& known : operations()) {
    if (known.name == op) return known.run(image, level);
  }
  throw Error(ErrorCode::kUsage, "[randaugment] '" + op + "' is not one of the 14 operations");
}

void randaugment(Image& image, int64_t ops, double magnitude, Random& random) {
  for (int64_t i = 0; i < ops; ++i) {
    const Operation& op = operations()[random.below(operations().size())];
    op.run(image, magnitude / kLargestMagnitude * (random.chance(0.5) ? -1 : 1));
  }
}

}  // namespace winnow
