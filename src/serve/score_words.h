#pragma once

#include <string>

#include "retrieval/index.h"

namespace winnow {

/// Scores in words, from the index's own labels: among the nearest neighbours of a sample of items, the lowest score
/// from which on 90 % (`same`) and 50 % (`similar`) of the pairs carry the same label.
struct ScoreWords {
  int64_t pairs = 0;             ///< looked at; 0 = there are no labels to learn from, and no words
  double same = 2, similar = 2;  ///< 2 = no score is good enough
  /// "same", "similar", "unlikely", or "" without words.
  const char* word(double score) const;
};

/// @param sample  items taken at equal distances in the order of ids. Deterministic.
ScoreWords learn_score_words(const Index& index, int64_t sample = 400);

}  // namespace winnow
