#include <algorithm>
#include <cmath>

#include "data/loader.h"
#include "src/core/error.h"
#include "src/image/transform.h"

namespace winnow {

DecodeOptions decode_options(const LoaderOptions& options) {
  DecodeOptions out;
  if (options.reduced_decode)
    out.target_short_side = static_cast<int>(std::ceil(2.0 * options.size / options.crop_ratio));
  return out;
}

Image evaluation_view(const Image& image, const LoaderOptions& options) {
  if (options.view == "crop") return center_view(image, options.size, options.crop_ratio);
  if (options.view == "pad") return pad_view(image, options.size);
  if (options.view == "stretch") return resize(image, options.size, options.size);
  throw Error(ErrorCode::kConfig, "[data.view] crop, pad or stretch is required, got '" + options.view + "'");
}

Image evaluation_view(const Image& image, const Box& box, const LoaderOptions& options) {
  const int x0 = std::clamp(static_cast<int>(std::floor(box.x0)), 0, image.width);
  const int y0 = std::clamp(static_cast<int>(std::floor(box.y0)), 0, image.height);
  const int x1 = static_cast<int>(std::ceil(std::min(box.x1, double(image.width))));
  const int y1 = static_cast<int>(std::ceil(std::min(box.y1, double(image.height))));
  if (x1 <= x0 || y1 <= y0)
    throw Error(ErrorCode::kData, "[box] a region inside the picture of " + std::to_string(image.width) + " x " +
                                      std::to_string(image.height) + " is required, it lies outside");
  return evaluation_view(crop(image, x0, y0, x1 - x0, y1 - y0), options);
}

}  // namespace winnow
