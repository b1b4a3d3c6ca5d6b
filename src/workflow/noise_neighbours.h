#pragma once

#include "src/labels/signals.h"

namespace winnow {

/// The k nearest other rows of every row by cosine, exact; ties by position. Memory N x k x 8 bytes and a tile; the
/// result is the same for every thread count. @param vectors  unit length. @throws Error(kShape) unless k >= 1
NeighbourTable self_neighbours(const UnitVectors& vectors, int64_t k);

}  // namespace winnow
