#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

#include "src/evaluation/face/features.h"

namespace winnow {

/// The three "LFW accuracies" of the popular repositories (face.md 1.1): one set of embeddings, three numbers.
enum class AccuracyRule {
  kInsightFace,  ///< R-IF: d2 on a grid of 0.01, accuracy on the other folds, first maximum; same if d2 < t
  kFaceXZoo,     ///< R-FXZ: cosine, 1000 steps over the scores, TPR - FPR; equality counts as wrong
  kSphereFace    ///< R-SPH: cosine on a grid of 1e-4, mean of all best thresholds; equality counts as wrong
};
inline constexpr std::array<AccuracyRule, 3> kAccuracyRules = {AccuracyRule::kInsightFace, AccuracyRule::kFaceXZoo,
                                                               AccuracyRule::kSphereFace};
/// "R-IF", "R-FXZ", "R-SPH".
std::string accuracy_rule_name(AccuracyRule rule);
/// One line: features, score, grid, criterion, decision, spread.
std::string explain_accuracy_rule(AccuracyRule rule);

struct AccuracyOptions {
  /// By the rule's own habit: sum for R-IF, none for R-FXZ, concat for R-SPH; without mirrored views none for all.
  bool flip = true;
  bool mean_removal = true;  ///< R-SPH only: subtract the mean of the training folds' features
};

struct PairAccuracy {
  AccuracyRule rule = AccuracyRule::kInsightFace;
  std::vector<double> accuracy, threshold;  ///< by fold; thresholds in the rule's own score (R-IF: d2, else cosine)
  double mean = 0, std_population = 0;      ///< std with ddof 0: insightface's "+-"
  double standard_error = 0;                ///< std with ddof 1 over sqrt(folds): LFW's official "+-"
  std::vector<char> correct;                ///< [pairs]
  std::vector<double> margin;               ///< [pairs] how far the score lies on the right side (negative = wrong)
};

/// Ten-fold accuracy: the threshold of a fold comes from all other folds.
/// @throws Error(kData) for fewer than 2 folds or a fold that lacks same or different pairs (accuracy has no meaning
/// there: contiguous tenths of a list sorted by label), Error(kShape | kNumeric) as unit_vectors does
PairAccuracy pair_accuracy(const FaceFeatures& features, std::span<const FacePair> pairs, AccuracyRule rule,
                           const AccuracyOptions& options = {});

/// The same for unit vectors as they are (no flip, no mean removal).
PairAccuracy pair_accuracy(const UnitVectors& vectors, std::span<const FacePair> pairs, AccuracyRule rule);

/// Best accuracy of one threshold on all pairs, chosen with the answers in view: an upper bound, not a result.
double best_global_accuracy(std::span<const double> scores, std::span<const FacePair> pairs);

/// facenet's VAL@FAR: FAR -> d2 threshold by linear interpolation over a grid of 0.001 on the other folds (0 when the
/// largest FAR is below the target), then TAR and FAR on the fold, averaged. No threshold one could deploy.
struct ValAtFar {
  double val = 0, far = 0;
};
ValAtFar val_at_far(std::span<const double> scores, std::span<const FacePair> pairs, double far);

}  // namespace winnow
