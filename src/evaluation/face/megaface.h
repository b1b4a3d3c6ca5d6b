#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "src/evaluation/face/score_rows.h"
#include "src/evaluation/face/verification.h"

namespace winnow {

/// MegaFace Challenge 1 (face.md 1.4): probes of known people among distractors; all vectors unit length.
struct MegaFaceInput {
  VectorRows probes, distractors;
  std::span<const int64_t> person;         ///< [probes]
  std::span<const char> noisy_probe;       ///< [probes] or empty: replaced by the centre of the person's clean photos
  std::span<const char> noisy_distractor;  ///< [distractors] or empty: far from everything
};

struct MegaFaceResult {
  int64_t trials = 0;  ///< ordered genuine pairs (gallery photo, probe)
  /// Share of trials with rank <= 1, 2, ...; rank = 1 + distractors at or above the true photo (pessimistic: a tie
  /// counts against the system), and with ties in its favour, as the devkit counts.
  std::vector<double> cmc, cmc_optimistic;
  VerificationScores verification;  ///< unordered genuine pairs among probes; every probe x distractor
  /// Of the pairs of `verification`, all of them whatever was kept: 100 bins over [-1, 1], the last closed. Noisy
  /// distractors, which are far from everything, lie in the lowest.
  std::vector<int64_t> genuine_histogram = std::vector<int64_t>(100), impostor_histogram = std::vector<int64_t>(100);
  int64_t noisy_probes = 0, noisy_distractors = 0;
};

/// Exact and streamed; memory O(trials + keep). "R" figures are those with the noise lists given.
/// @param keep  highest impostor scores kept; at a FAR f of N impostors f N + 1 are needed (MegaFace at 1e-6: 3,531)
/// @throws Error(kShape), Error(kData) when no person has two photos or there is no distractor
MegaFaceResult score_megaface(const MegaFaceInput& input, int64_t max_rank, int64_t keep = 4'000'000);

/// Probes with noisy photos replaced: unit mean of the person's clean photos (remove_noises.py adds a jitter of 0.001
/// per component, which we leave out so that runs repeat). A person without a clean photo keeps its own.
std::vector<float> refined_probes(const MegaFaceInput& input);

/// Features as remove_noises.py writes them: one more dimension, 0 for clean and 100 for noisy distractors. For tools
/// that rank by Euclidean distance; must not be normalised afterwards.
std::vector<float> with_noise_dimension(const VectorRows& vectors, std::span<const char> noisy);

}  // namespace winnow
