#pragma once

#include "src/image/image.h"

namespace winnow {

/// The picture as a viewer shows it. @param orientation  EXIF tag 0x112: 1..8 (1 = as stored, 6 = turn right by 90)
Image apply_orientation(Image image, int orientation);

}  // namespace winnow
