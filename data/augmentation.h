#pragma once

#include "src/config/options.h"
#include "src/core/random.h"
#include "src/image/image.h"

namespace winnow {

/// Training view of a picture. Order: random resized crop (one resize from the source), flip, RandAugment, colour
/// jitter (brightness, contrast, saturation, hue), grey, random erasing. Fields with 0 are off.
struct AugmentOptions : Options {
  double scale_min = 0.3, scale_max = 1.0;  ///< area share of the random resized crop
  double ratio_min = 0.75, ratio_max = 1.3333333333333333;
  double flip = 0.5;
  double brightness = 0.4, contrast = 0.4, saturation = 0.4, hue = 0.0;
  double grey = 0.0;
  double erase = 0.0, erase_max_area = 0.33;
  int64_t randaugment_ops = 0;
  double randaugment_magnitude = 9;
  void visit(OptionVisitor& v) override;
  std::vector<std::string> check() const override;
};

/// Part of `box` with an area share in scale_min..scale_max and a log-uniform width / height; after ten failures the
/// largest central part with an allowed ratio (torchvision's RandomResizedCrop, without rounding to whole pixels).
Box random_resized_crop(const Box& box, const AugmentOptions& options, Random& random);

/// Stateless; thread-safe; the same random stream gives the same bits.
class Augmentation {
 public:
  explicit Augmentation(AugmentOptions options) : options_(options) {}
  /// @param box   region of interest or the whole picture, inside the source
  /// @param size  output height = width
  Image apply(const Image& source, const Box& box, int size, Random& random) const;

 private:
  AugmentOptions options_;
};

}  // namespace winnow
