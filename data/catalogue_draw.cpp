#include "data/catalogue.h"
#include "data/catalogue_scene.h"
#include "src/core/error.h"

namespace winnow {
namespace {

using namespace catalogue;

constexpr int kOversampling = 3;
/// Class ids of things that only ever stand in the background.
constexpr int64_t kForeign = 1'000'000;

void paint_neighbours(Canvas& canvas, uint64_t seed, const Light& light, Random& random) {
  const uint64_t count = random.chance(0.4) ? 1 + random.below(2) : 0;
  for (uint64_t i = 0; i < count; ++i) {
    const Design other = design_product(seed, kForeign + static_cast<int64_t>(random.below(500)));
    const double side = canvas.side(),
                 x = random.chance(0.5) ? random.uniform(-0.02, 0.18) : random.uniform(0.82, 1.02);
    const Point center{side * x, side * random.uniform(0.2, 0.8)};
    paint_product(canvas, other, draw_pose(canvas.side(), center, random.uniform(0.2, 0.34), 0.5, random), light);
  }
}

}  // namespace

Image draw_product(uint64_t seed, int64_t class_id, int64_t shot, int size) {
  if (size < 16 || size > 1024) {
    throw Error(ErrorCode::kUsage, "[draw_product] size must be in 16..1024, got " + std::to_string(size));
  }
  const Design design = design_product(seed, class_id);
  Random random(seed, "catalogue-shot", static_cast<uint64_t>(class_id), static_cast<uint64_t>(shot));
  Canvas canvas(size, kOversampling);
  const Light light = draw_light(random);
  paint_background(canvas, random);
  paint_neighbours(canvas, seed, light, random);
  const double side = canvas.side();
  const Point center{side * random.uniform(0.43, 0.57), side * random.uniform(0.45, 0.55)};
  const Pose pose = draw_pose(canvas.side(), center, random.uniform(0.3, 0.46), random.chance(0.2) ? 0.7 : 0.3, random);
  if (random.chance(0.7)) paint_shadow(canvas, pose, random);
  paint_product(canvas, design, pose, light);
  paint_occluders(canvas, random);
  return develop(canvas, random);
}

std::string product_name(uint64_t seed, int64_t class_id) { return design_product(seed, class_id).name; }

}  // namespace winnow
