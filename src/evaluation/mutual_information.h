#pragma once

#include <cstdint>
#include <span>

namespace winnow {

/// Normalised mutual information 2I / (H(Y) + H(C)) and its namesakes, which divide I by another mean of the entropies.
/// Two labelings of one value each agree (1 by convention); one of them against several values share nothing (0).
struct NormalisedInformation {
  double arithmetic = 0, geometric = 0, min = 0, max = 0;
};

/// @throws Error(kShape) when sizes differ or are 0
NormalisedInformation normalised_information(std::span<const int64_t> labels, std::span<const int64_t> clusters);

}  // namespace winnow
