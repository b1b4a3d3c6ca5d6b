#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/core/files.h"

namespace winnow {

/// A picture beside a suspect: its row, label and thumbnail ("" = a placeholder).
struct ReviewImage {
  int64_t row = 0;
  std::string label, data_uri;
};
/// A row to decide about.
struct ReviewItem {
  int64_t row = 0;
  std::string path, label, suggested, reason, kind, data_uri;
  double score = 0, confidence = 0;
  double expected = 0;                    ///< probability that it is wrong, for the yield that is left
  std::vector<ReviewImage> given, other;  ///< nearest of the given and of the suggested class
};
struct ReviewPage {
  std::string title;
  std::vector<std::string> lead;    ///< sentences of the first screen
  std::vector<ReviewItem> items;    ///< in the order of review
  std::vector<std::string> labels;  ///< for the field of another label
  bool blind = false;  ///< audit: no score, reason or kind; the question is only whether the label is wrong
  std::string key;     ///< tells browsers' stored decisions of one review from another's
};

/// One self-contained file: keys k keep, r relabel, d drop, u unsure, z undo, arrows; progress and expected yield left;
/// decisions kept in the browser and exported as the CSV that `noise apply` reads. Atomic.
void write_review_page(const fs::path& file, const ReviewPage& page);

}  // namespace winnow
