#include "data/augmentation.h"

#include <algorithm>
#include <cmath>

#include "data/pixel_ops.h"
#include "data/randaugment.h"
#include "src/image/transform.h"

namespace winnow {
namespace {

constexpr int kCropTries = 10;
constexpr double kEraseMinArea = 0.02, kEraseMinRatio = 0.3, kEraseMaxRatio = 3.3;

double log_uniform(double low, double high, Random& random) {
  return std::exp(random.uniform(std::log(low), std::log(high)));
}

/// The largest centred part of the box whose width / height lies within the ratios.
Box central_part(const Box& box, double ratio_min, double ratio_max) {
  double width = box.x1 - box.x0, height = box.y1 - box.y0;
  if (width / height < ratio_min) {
    height = width / ratio_min;
  } else if (width / height > ratio_max) {
    width = height * ratio_max;
  }
  const double x0 = box.x0 + (box.x1 - box.x0 - width) / 2, y0 = box.y0 + (box.y1 - box.y0 - height) / 2;
  return {x0, y0, std::min(x0 + width, box.x1), std::min(y0 + height, box.y1)};
}

void erase_rectangle(Image& image, double max_area, Random& random) {
  const double area = static_cast<double>(image.width) * image.height;
  for (int i = 0; i < kCropTries; ++i) {
    const double target = area * random.uniform(std::min(kEraseMinArea, max_area), max_area);
    const double ratio = log_uniform(kEraseMinRatio, kEraseMaxRatio, random);
    const auto height = static_cast<int>(std::lround(std::sqrt(target * ratio)));
    const auto width = static_cast<int>(std::lround(std::sqrt(target / ratio)));
    if (width >= image.width || height >= image.height) continue;
    const auto left = static_cast<int>(random.below(image.width - width + 1));
    const auto top = static_cast<int>(random.below(image.height - height + 1));
    for (int y = top; y < top + height; ++y) {
      uint8_t* p = image.at(left, y);
      for (int k = 0; k < width * 3; ++k) p[k] = static_cast<uint8_t>(random.next() >> 56);
    }
    return;
  }
}

double factor(double amount, Random& random) { return random.uniform(std::max(0.0, 1 - amount), 1 + amount); }

}  // namespace

void AugmentOptions::visit(OptionVisitor& v) {
  v.number("scale_min", scale_min, 0.001, 1, "smallest share of the area that a random crop keeps");
  v.number("scale_max", scale_max, 0.001, 1, "largest share of the area that a random crop keeps");
  v.number("ratio_min", ratio_min, 0.05, 20, "smallest width / height of a random crop");
  v.number("ratio_max", ratio_max, 0.05, 20, "largest width / height of a random crop");
  v.number("flip", flip, 0, 1, "chance of a horizontal mirror image");
  v.number("brightness", brightness, 0, 1, "brightness factor is drawn from 1 - x .. 1 + x; 0 = off");
  v.number("contrast", contrast, 0, 1, "contrast factor is drawn from 1 - x .. 1 + x; 0 = off");
  v.number("saturation", saturation, 0, 1, "saturation factor is drawn from 1 - x .. 1 + x; 0 = off");
  v.number("hue", hue, 0, 0.5, "hue is turned by -x .. x of the colour circle; 0 = off");
  v.number("grey", grey, 0, 1, "chance that the colours are dropped");
  v.number("erase", erase, 0, 1, "chance that a rectangle is filled with noise");
  v.number("erase_max_area", erase_max_area, 0.02, 1, "largest share of the area that is erased");
  v.integer("randaugment_ops", randaugment_ops, 0, 14, "RandAugment operations a picture; 0 = off");
  v.number("randaugment_magnitude", randaugment_magnitude, 0, 30, "strength of the RandAugment operations");
}

std::vector<std::string> AugmentOptions::check() const {
  std::vector<std::string> faults;
  if (scale_min > scale_max) faults.push_back("scale_min must not be greater than scale_max");
  if (ratio_min > ratio_max) faults.push_back("ratio_min must not be greater than ratio_max");
  return faults;
}

Box random_resized_crop(const Box& box, const AugmentOptions& options, Random& random) {
  const double width = box.x1 - box.x0, height = box.y1 - box.y0;
  for (int i = 0; i < kCropTries; ++i) {
    const double area = width * height * random.uniform(options.scale_min, options.scale_max);
    const double ratio = log_uniform(options.ratio_min, options.ratio_max, random);
    const double w = std::sqrt(area * ratio), h = std::sqrt(area / ratio);
    if (w > width || h > height) continue;
    const double x0 = box.x0 + random.uniform(0, width - w), y0 = box.y0 + random.uniform(0, height - h);
    return {x0, y0, std::min(x0 + w, box.x1), std::min(y0 + h, box.y1)};
  }
  return central_part(box, options.ratio_min, options.ratio_max);
}

Image Augmentation::apply(const Image& source, const Box& box, int size, Random& random) const {
  const AugmentOptions& o = options_;
  Image image = resize(source, size, size, random_resized_crop(box, o, random));
  if (o.flip > 0 && random.chance(o.flip)) flip_horizontally(image);
  if (o.randaugment_ops > 0) randaugment(image, o.randaugment_ops, o.randaugment_magnitude, random);
  if (o.brightness > 0 || o.contrast > 0 || o.saturation > 0) {
    const double brightness = factor(o.brightness, random), contrast = factor(o.contrast, random);
    adjust_colors(image, brightness, contrast, factor(o.saturation, random));
  }
  if (o.hue > 0) shift_hue(image, random.uniform(-o.hue, o.hue));
  if (o.grey > 0 && random.chance(o.grey)) make_grey(image);
  if (o.erase > 0 && random.chance(o.erase)) erase_rectangle(image, o.erase_max_area, random);
  return image;
}

}  // namespace winnow
