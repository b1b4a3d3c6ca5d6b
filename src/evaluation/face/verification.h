#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "src/evaluation/face/features.h"

namespace winnow {

/// The scores of a verification set, higher = more alike. Genuine scores are complete; of the impostors possibly only
/// the highest are kept, while the counts against each genuine score are exact over all of them.
struct VerificationScores {
  std::vector<double> genuine;           ///< descending
  std::vector<double> impostor;          ///< descending; the highest `impostor.size()` of `impostors`
  int64_t impostors = 0;                 ///< all impostor pairs
  std::vector<int64_t> above, at_least;  ///< [genuine] impostors with a score > and >= this genuine score
  /// Who is on the pairs, in the order above; empty when the people are not known.
  std::vector<int32_t> genuine_person;
  std::vector<std::pair<int32_t, int32_t>> impostor_people;
  int64_t failed_pairs = 0;  ///< pairs scored -1 because an extraction failed
  bool complete() const { return static_cast<int64_t>(impostor.size()) == impostors; }
};

/// @param person  by row; empty or negative entries = not known
/// @throws Error(kNumeric) naming the pair of a NaN score, Error(kData) without genuine or without impostor pairs
VerificationScores collect_scores(std::span<const double> scores, std::span<const FacePair> pairs,
                                  std::span<const int32_t> person = {});

/// Four rules called "TAR@FAR" (face.md 1.8).
enum class FarRule {
  kStrict,       ///< k = floor(f N + 1e-9), accept > s(k+1): never above the target
  kBlufr,        ///< k = round(f N), accept >= s(k): about the target, above it with ties
  kNearest,      ///< vertex of scikit-learn's default ROC nearest in FAR (insightface IJB): may be above
  kNearestAll,   ///< the same with collinear vertices kept
  kInterpolated  ///< linear between ROC points (MegaFace json, facenet): no threshold
};
inline constexpr std::array<FarRule, 5> kFarRules = {FarRule::kStrict, FarRule::kBlufr, FarRule::kNearest,
                                                     FarRule::kNearestAll, FarRule::kInterpolated};
/// "strict", "blufr", "nearest", "nearest_all", "interpolated".
std::string far_rule_name(FarRule rule);

/// A point at which a system can be run, and what stands behind it.
struct OperatingPoint {
  double target = 0;
  FarRule rule = FarRule::kStrict;
  double tar = 0, far = 0;                  ///< far: realised
  std::optional<double> threshold;          ///< none for kInterpolated
  bool accepts_equal = false;               ///< score >= threshold instead of >
  int64_t false_accepts = 0, accepted = 0;  ///< impostor and genuine pairs accepted
  int64_t ties = 0;                         ///< impostors exactly at the threshold
  bool too_few = false;                     ///< the target allows fewer than 30 false accepts
};

/// Empty when the kept impostors do not reach so far down. @throws Error(kUsage) for a target outside [0, 1]
std::optional<OperatingPoint> tar_at_far(const VerificationScores& scores, double target, FarRule rule);

/// Area under the ROC, ties half (exact for every size).
double roc_auc(const VerificationScores& scores);
struct EqualError {
  double rate = 0, threshold = 0;
};
/// Where FAR = 1 - TAR on the ROC polyline (ties along the diagonal).
EqualError equal_error(const VerificationScores& scores);

struct RocPoint {
  double far = 0, tar = 0, threshold = 0;  ///< accept score >= threshold; +infinity at (0, 0)
};
/// scikit-learn's roc_curve: distinct thresholds descending, (0, 0) first; with `drop` without collinear points.
/// @throws Error(kData) unless scores.complete()
std::vector<RocPoint> roc_curve(const VerificationScores& scores, bool drop);
/// The ROC at genuine scores, exact for every size, thinned to about `points` evenly in TAR and in log FAR.
std::vector<RocPoint> roc_outline(const VerificationScores& scores, int64_t points = 300);

}  // namespace winnow
