#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "data/dataset.h"

namespace winnow {

struct RejectedRow {
  int64_t row;
  std::string path, reason;
  std::string kind;  ///< "missing", "empty", "unreadable", "unknown format", "too large", "corrupt" or "box"
};

/// What `winnow data check` prints. Classes, sizes and duplicates count usable pictures only.
struct DataCheck {
  int64_t rows = 0, usable = 0, unlabelled = 0, classes = 0;
  int64_t singletons = 0;           ///< classes with one picture
  int64_t duplicates_by_bytes = 0;  ///< pictures whose bytes are those of an earlier one (another path)
  int64_t median_per_class = 0, largest_class_size = 0;
  std::string largest_class;
  int min_width = 0, min_height = 0, max_width = 0, max_height = 0;
  std::vector<std::string> empty_classes;  ///< class folders without a picture, and classes without a usable one
  std::vector<std::string> notes;          ///< of Dataset
  std::vector<RejectedRow> rejected;
  std::vector<std::pair<std::string, std::string>> same_bytes_two_labels;  ///< paths: the first, and one that disagrees
  double seconds = 0;
};

/// Opens and fully decodes every picture on thread_count() threads; memory is one picture a thread and a few bytes a
/// row. The result does not depend on the number of threads.
/// @throws Error(kInterrupted) after Ctrl-C
DataCheck check_dataset(const Dataset& dataset);

/// Splits by class: whole classes go to one side. @param held_out share of classes in (0, 1) for the second part
/// @return for each item 0 or 1; items without a label are in 0. @throws Error(kData) when fewer than two classes exist
std::vector<int> class_disjoint_split(const Dataset& dataset, double held_out, uint64_t seed);

}  // namespace winnow
