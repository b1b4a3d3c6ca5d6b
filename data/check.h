#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/dataset.h"

namespace winnow {

struct RejectedRow {
  int64_t row;
  std::string path, reason;
};

/// What `winnow data check` prints.
struct DataCheck {
  int64_t rows = 0, usable = 0, classes = 0, singletons = 0, duplicates_by_bytes = 0;
  int64_t median_per_class = 0, largest_class_size = 0;
  std::string largest_class;
  int min_width = 0, min_height = 0, max_width = 0, max_height = 0;
  std::vector<std::string> empty_classes;
  std::vector<RejectedRow> rejected;
  std::vector<std::pair<std::string, std::string>> same_bytes_two_labels;
  double seconds = 0;
};

/// Opens and fully decodes every picture on thread_count() threads.
DataCheck check_dataset(const Dataset& dataset);

/// Splits by class: whole classes go to one side. @param held_out share of classes in (0, 1) for the second part
/// @return for each item 0 or 1. @throws Error(kData) when fewer than two classes exist
std::vector<int> class_disjoint_split(const Dataset& dataset, double held_out, uint64_t seed);

}  // namespace winnow
