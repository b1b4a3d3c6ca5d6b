#pragma once

#include <cstdint>

#include "src/image/image.h"

namespace winnow::test {

/// A product-like drawing of class `label`; `variant` changes its place, size and light.
Image draw_product(int64_t label, int64_t variant);

}  // namespace winnow::test
