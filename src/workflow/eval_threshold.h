#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "src/evaluation/threshold.h"
#include "src/workflow/evaluate.h"

namespace winnow {

/// A threshold of one class of queries.
struct ClassThreshold {
  std::string label;
  Threshold threshold;
};

struct ThresholdRun {
  EvaluationRun run;
  std::string target;
  Threshold threshold;
  std::vector<ClassThreshold> classes;  ///< classes with at least 50 queries whose target is reached
  std::vector<FirstHit> behind;         ///< first hits on the wrong side, farthest first
};

/// @param target  as parse_threshold_target
ThresholdRun threshold_of_folders(const fs::path& queries, const fs::path& gallery, const std::string& target,
                                  const RetrievalOptions& options);
nlohmann::ordered_json threshold_document(const ThresholdRun& run);

/// The threshold, its target and figures in two lines. @param cases  what was decided over: "first hits", "pairs"
std::string threshold_sentence(const Threshold& threshold, const std::string& target, const std::string& cases);
/// With a table of classes and of the hits behind it.
std::string threshold_text(const ThresholdRun& run);
nlohmann::ordered_json threshold_values(const Threshold& threshold);

/// Writes the threshold under `level` ("same" or "similar") into MODEL/card.json, atomically; other fields stay.
/// @param details  further fields of the entry. @throws Error(kMismatch) when the vectors come from another model,
/// Error(kData) when the target was not reached
void store_threshold(const fs::path& model, const std::string& level, const std::string& target,
                     const Threshold& threshold, const std::string& model_digest,
                     const nlohmann::ordered_json& details);
void store_threshold(const fs::path& model, const ThresholdRun& run, const std::string& level);

/// Scores from which a match counts as the same thing or as similar, from a model's card.
struct MatchLevels {
  std::optional<double> same, similar;
  /// "same", "similar" or "no confident match"; empty when the card has no thresholds.
  std::string verdict(double score) const;
};
/// Levels without values when the folder or its thresholds are missing. @throws Error(kData) for a damaged card
MatchLevels read_match_levels(const fs::path& model);

}  // namespace winnow
