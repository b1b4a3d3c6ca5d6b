#include "src/image/fit_face.h"

#include <algorithm>

#include "src/core/error.h"
#include "src/image/transform.h"

namespace winnow {
namespace {

Image pad_edges(const Image& source, double aspect) {
  const double now = static_cast<double>(source.width) / source.height;
  const int width = now < aspect ? static_cast<int>(source.height * aspect + 0.5) : source.width;
  const int height = now > aspect ? static_cast<int>(source.width / aspect + 0.5) : source.height;
  const int left = (width - source.width) / 2, top = (height - source.height) / 2;
  Image out(width, height);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      std::copy_n(source.at(std::clamp(x - left, 0, source.width - 1), std::clamp(y - top, 0, source.height - 1)), 3,
                  out.at(x, y));
  return out;
}

}  // namespace

Image fit_face(const Image& source, int width, int height, const std::string& fit) {
  if (source.width == width && source.height == height) return source;
  const double aspect = static_cast<double>(width) / height;
  if (fit == "edge") {
    const Image padded = pad_edges(source, aspect);
    return padded.width == width && padded.height == height ? padded : resize(padded, width, height);
  }
  if (fit == "stretch") return resize(source, width, height);
  if (fit != "center") throw Error(ErrorCode::kUsage, "[face] fit is edge, center or stretch, got '" + fit + "'");
  const double w = std::min<double>(source.width, source.height * aspect), h = w / aspect;
  const Box box{(source.width - w) / 2, (source.height - h) / 2, (source.width + w) / 2, (source.height + h) / 2};
  return resize(source, width, height, box);
}

}  // namespace winnow
