#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "src/config/family.h"
#include "src/config/options.h"

namespace winnow {

/// Order of an epoch: batches of item positions. A pure function of (seed, epoch) and of what follow() was given.
/// Thread-safe but for follow().
class Sampler {
 public:
  virtual ~Sampler() = default;
  virtual std::vector<std::vector<int64_t>> batches(int64_t epoch) const = 0;
  virtual int64_t batches_per_epoch() const = 0;
  /// True for a sampler that draws distrusted items less often.
  virtual bool follows_trust() const { return false; }
  /// Trust of each item from the next epoch on, in [0, 1]; the number of batches stays.
  virtual void follow(std::vector<float> /*trust*/) {}
};

struct SamplerContext {
  std::vector<int64_t> labels;  ///< by item position
  int64_t classes = 0, batch = 64;
  uint64_t seed = 0;
};

using SamplerFamily = FamilyRegistry<std::function<std::unique_ptr<Sampler>(const Options&, const SamplerContext&)>>;
/// plain (shuffled, drop_last), pk (P classes x K pictures), balanced (every class equally often). pk and balanced pass
/// over pictures without a label (-1) and have as many batches as one pass over the others fills (at least one); a
/// class with fewer than K pictures repeats them.
const SamplerFamily& sampler_family();

/// What an epoch saw: "epoch uses 2,624 of 2,640 pictures, 0 of them more than once; 0 of 81 classes never".
struct Coverage {
  int64_t items = 0, used = 0, classes = 0, unused_classes = 0, repeated_items = 0;
  std::string text() const;
};
Coverage epoch_coverage(const Sampler& sampler, int64_t epoch, const SamplerContext& context);

}  // namespace winnow
