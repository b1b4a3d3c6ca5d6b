#include "src/models/pool_choice.h"

#include <algorithm>
#include <cmath>

#include "src/core/error.h"
#include "src/models/fused_network.h"

namespace winnow {
namespace {

constexpr double kWantedOverlap = 0.4;

/// Regions more along the longer side than along the shorter one.
int64_t further_regions(int64_t shorter, int64_t longer) {
  if (longer == shorter) return 0;
  int64_t best = 1;
  double least = 1e9;
  for (int64_t steps = 2; steps <= 7; ++steps) {
    const double stride = static_cast<double>(longer - shorter) / static_cast<double>(steps - 1);
    const double overlap = 1 - stride / static_cast<double>(shorter);
    if (std::fabs(overlap - kWantedOverlap) >= least) continue;
    least = std::fabs(overlap - kWantedOverlap);
    best = steps - 1;
  }
  return best;
}

/// Where `count` squares start that cover `length` evenly.
std::vector<int64_t> starts(int64_t length, int64_t side, int64_t count) {
  const double stride = count > 1 ? static_cast<double>(length - side) / static_cast<double>(count - 1) : 0;
  std::vector<int64_t> out;
  for (int64_t i = 0; i < count; ++i) out.push_back(static_cast<int64_t>(std::floor(static_cast<double>(i) * stride)));
  return out;
}

}  // namespace

std::vector<MapRegion> rmac_regions(int64_t height, int64_t width, int levels) {
  const int64_t shorter = std::min(height, width);
  const int64_t more = further_regions(shorter, std::max(height, width));
  std::vector<MapRegion> regions;
  for (int64_t level = 1; level <= levels; ++level) {
    const int64_t side = 2 * shorter / (level + 1);
    if (side < 1) continue;
    for (const int64_t top : starts(height, side, level + (height > width ? more : 0)))
      for (const int64_t left : starts(width, side, level + (width > height ? more : 0)))
        regions.push_back({top, left, side});
  }
  return regions;
}

std::unique_ptr<EmbeddingModel> with_pool(const EmbeddingModel& network, const PoolChoice& choice) {
  const auto* fused = dynamic_cast<const FusedNetwork*>(&network);
  if (!fused) throw Error(ErrorCode::kInternal, "[pool] a fused network is required");
  auto copy = std::make_unique<FusedNetwork>(*fused);
  if (!choice.kind.empty()) copy->pool_by(choice);
  return copy;
}

}  // namespace winnow
