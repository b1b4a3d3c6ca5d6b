#pragma once

#include <optional>

#include "retrieval/index.h"

namespace winnow {

/// Cosines put into words. The bounds come from the index itself: how often do items that score so high with an item
/// have its label?
struct ScoreWords {
  double match = 2, possible = 2;  ///< at least this score: `match_precision` (`possible_precision`) of the pairs
                                   ///< agree; 2 = no score is high enough
  double match_precision = 0.95, possible_precision = 0.5;
  int64_t queries = 0, pairs = 0;
  std::string model_digest;

  /// "match", "possible" or "unlikely".
  std::string word(float score) const;
  /// Of a list's best score: "match", "possible match" or "no confident match".
  std::string verdict(float best) const;
};

/// Bounds from the ten best other items of `sample` labelled items. @throws Error(kData) without labels
ScoreWords calibrate_scores(const Index& index, int64_t sample, uint64_t seed);

/// FOLDER/scores.json, sealed. @throws Error(kData) for a damaged file
void write_score_words(const fs::path& folder, const ScoreWords& words);
/// Empty when there is none or it was calibrated for another model than `model_digest`.
std::optional<ScoreWords> read_score_words(const fs::path& folder, const std::string& model_digest);

}  // namespace winnow
