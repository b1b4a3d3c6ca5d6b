#include "src/core/random.h"

#include <cmath>
#include <numbers>

namespace winnow {
namespace {

constexpr uint64_t kGolden = 0x9e3779b97f4a7c15ULL;

/// Finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014; constants of Stafford's variant 13).
uint64_t mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

uint64_t fnv1a(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return hash;
}

uint64_t absorb(uint64_t key, uint64_t value) { return mix((key ^ value) + kGolden); }

}  // namespace

Random::Random(uint64_t seed, std::string_view purpose, uint64_t index, uint64_t epoch)
    : key_(absorb(absorb(absorb(absorb(0, seed), fnv1a(purpose)), index), epoch)) {}

uint64_t Random::next() { return mix(key_ + ++counter_ * kGolden); }

double Random::uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

uint64_t Random::below(uint64_t n) {
  if (n <= 1) return 0;
  // Lemire, "Fast random integer generation in an interval", 2019: reject the few low products that would be biased.
  __extension__ using Wide = unsigned __int128;
  Wide product = static_cast<Wide>(next()) * n;
  if (static_cast<uint64_t>(product) < n) {
    const uint64_t threshold = -n % n;
    while (static_cast<uint64_t>(product) < threshold) product = static_cast<Wide>(next()) * n;
  }
  return static_cast<uint64_t>(product >> 64);
}

double Random::normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
  const double angle = 2.0 * std::numbers::pi * uniform();
  spare_ = radius * std::sin(angle);
  has_spare_ = true;
  return radius * std::cos(angle);
}

}  // namespace winnow
