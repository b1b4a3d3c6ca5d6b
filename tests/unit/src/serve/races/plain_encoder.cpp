// PictureEncoder without Torch: the mean colour of each quarter of the picture. It takes the place of the network in
// test_serve_races, so that the whole server can be built for ThreadSanitizer in minutes.
#include <cmath>

#include "src/core/error.h"
#include "src/image/codec.h"
#include "src/workflow/picture_encoder.h"

namespace winnow {

struct PictureEncoder::State {};

PictureEncoder::PictureEncoder(const fs::path&, const fs::path&, const IndexInfo&)
    : state_(std::make_unique<State>()) {}
PictureEncoder::~PictureEncoder() = default;

int64_t PictureEncoder::dim() const { return 12; }

Image PictureEncoder::decode(std::span<const std::byte> bytes, const std::string& name, int64_t max_pixels,
                             bool) const {
  DecodeOptions options;
  options.max_pixels = max_pixels;
  return decode_image(bytes, name, options);
}

Image PictureEncoder::view(const Image& picture, const std::optional<Box>&) const { return picture; }

std::vector<std::vector<float>> PictureEncoder::embed(std::span<const Image> views) const {
  std::vector<std::vector<float>> out;
  for (const auto& view : views) {
    std::vector<float> sums(12, 0.01F);
    for (int y = 0; y < view.height; ++y)
      for (int x = 0; x < view.width; ++x)
        for (int c = 0; c < 3; ++c)
          sums[static_cast<size_t>((y * 2 / view.height * 2 + x * 2 / view.width) * 3 + c)] +=
              static_cast<float>(view.pixels[static_cast<size_t>((y * view.width + x) * 3 + c)]);
    float square = 0;
    for (const float s : sums) square += s * s;
    for (float& s : sums) s /= std::sqrt(square);
    out.push_back(std::move(sums));
  }
  return out;
}

PictureEncoder::Overlap PictureEncoder::overlap(const Image&, const Image&) const {
  return {2, 2, std::vector<float>(4, 0.5F), std::vector<float>(4, 0.5F)};
}

Image veil(const Image& view, const std::vector<float>&, int, int) { return view; }

}  // namespace winnow
