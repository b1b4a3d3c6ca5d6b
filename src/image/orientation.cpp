#include "src/image/orientation.h"

#include <cstring>
#include <utility>

namespace winnow {

Image apply_orientation(Image image, int orientation) {
  if (orientation < 2 || orientation > 8) return image;
  // EXIF 4.6.5: the tag names the sides where row 0 and column 0 are shown.
  const bool transposed = orientation >= 5;
  const bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_bottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  Image result(transposed ? image.height : image.width, transposed ? image.width : image.height);
  for (int y = 0; y < result.height; ++y) {
    for (int x = 0; x < result.width; ++x) {
      const int across = transposed ? y : x, down = transposed ? x : y;
      const int from_x = from_right ? image.width - 1 - across : across;
      const int from_y = from_bottom ? image.height - 1 - down : down;
      std::memcpy(result.at(x, y), std::as_const(image).at(from_x, from_y), 3);
    }
  }
  return result;
}

}  // namespace winnow
