#pragma once

#include <memory>
#include <string>
#include <vector>

#include "src/models/model.h"

namespace winnow {

/// Another pooling than the one a network was trained with, for measuring what it gives (retrieval.md 3.1).
struct PoolChoice {
  std::string kind;  ///< "" = the network's own | gem | rmac
  double p = 3;      ///< of gem
};

/// A square of a feature map, in positions.
struct MapRegion {
  int64_t top = 0, left = 0, side = 0;
  bool operator==(const MapRegion&) const = default;
};

/// The regions of R-MAC (Tolias, Sicre and Jegou, Particular object retrieval with integral max-pooling, 2016), coarse
/// levels first: squares of side floor(2 s / (l + 1)) at levels l = 1..levels for a short side s, l by l of them, and
/// along a longer side as many more as make neighbours overlap by about 40 %. Squares without a position are left out.
std::vector<MapRegion> rmac_regions(int64_t height, int64_t width, int levels = 3);

/// A copy of a network for inference that pools by `choice`. R-MAC: the maximum of the whole map and of each region
/// goes through the network's head, is made unit length, and the sum of these is the embedding (the head takes the
/// place of the whitening of regions).
/// @param network  from EmbeddingModel::fused(). @throws Error(kUsage) for another kind or p outside [0.1, 20]
std::unique_ptr<EmbeddingModel> with_pool(const EmbeddingModel& network, const PoolChoice& choice);

}  // namespace winnow
