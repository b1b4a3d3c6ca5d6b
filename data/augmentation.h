#pragma once

#include "src/config/options.h"
#include "src/core/random.h"
#include "src/image/image.h"

namespace winnow {

/// Training view of a picture. Order: random resized crop (one resize from the source), flip, RandAugment, colour
/// jitter (brightness, contrast, saturation, hue), grey, random erasing. Fields with 0 are off.
struct AugmentOptions : Options {
  double scale_min = 0.3, scale_max = 1.0;   ///< area share of the random resized crop
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

/// Stateless; thread-safe.
class Augmentation {
 public:
  explicit Augmentation(AugmentOptions options) : options_(options) {}
  /// @param box  region of interest or the whole picture; @param size output height = width
  Image apply(const Image& source, const Box& box, int size, Random& random) const;

 private:
  AugmentOptions options_;
};

}  // namespace winnow
