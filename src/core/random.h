#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace winnow {

/// A random stream that is a pure function of (seed, purpose, index): the numbers drawn for row 17 in epoch 3 do not
/// depend on how many threads run or who ran before. Counter-based (SplitMix64 finaliser over a hashed key).
/// Cheap to construct (one per row). Not thread-safe; make one per thread or row.
class Random {
 public:
  /// @param purpose  what the numbers are for ("augment", "sampler", ...); part of the key
  /// @param index    usually a row number; `epoch` a second index
  Random(uint64_t seed, std::string_view purpose, uint64_t index = 0, uint64_t epoch = 0);

  uint64_t next();
  /// Uniform in [0, 1), 53 bits.
  double uniform();
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  /// Uniform integer in [0, n), without bias; n >= 1.
  uint64_t below(uint64_t n);
  /// Standard normal (Box-Muller).
  double normal();
  bool chance(double probability) { return uniform() < probability; }

  template <typename T>
  void shuffle(std::vector<T>& values) {
    for (size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[below(i)]);
  }

 private:
  uint64_t key_, counter_ = 0;
  double spare_ = 0.0;
  bool has_spare_ = false;
};

}  // namespace winnow
