#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "data/dataset.h"

namespace winnow {

/// Keeps the pairs whose pictures really are the same: at 32 x 32 RGB (area average of the whole picture) the mean
/// difference is at most 6 of 255, after the mean brightness of both is made equal. Pictures that cannot be read verify
/// nothing. @param picture  by position; called from several threads
std::vector<std::pair<int64_t, int64_t>> verified_pairs(const std::vector<std::pair<int64_t, int64_t>>& candidates,
                                                        const std::function<Image(int64_t)>& picture);

struct DuplicatePair {
  int64_t a = 0, b = 0;   ///< positions, a < b
  double difference = 0;  ///< mean difference at 32 x 32, 0..255
  bool same_bytes = false;
};
struct DuplicateCluster {
  std::vector<int64_t> items;  ///< positions, ascending
  double diameter = 0;         ///< largest difference of any two members; never above the bound
  bool two_labels = false, two_splits = false;
};
/// A picture with a fault, in words ("dark", "light", "blurry", "low information", "odd size", "odd shape").
struct HealthFault {
  int64_t item = 0;
  std::string fault;
  double value = 0;
};
struct DuplicateReport {
  std::vector<DuplicatePair> pairs;        ///< one picture under two labels first, then by difference
  std::vector<DuplicateCluster> clusters;  ///< two labels first, then by size
  std::vector<HealthFault> health;
  std::vector<std::string> unreadable;
  int64_t pictures = 0, in_pairs = 0, exact_pairs = 0;
};

struct DuplicateOptions {
  double max_difference = 6;  ///< bound of a pair and of a cluster's diameter
  double cosine = 0.97;       ///< of centred 16 x 16 grey thumbnails, for candidates
  int64_t neighbours = 10;
};

/// Decodes every picture once (on all threads). Exact duplicates by SHA-256, near ones by the nearest thumbnails, each
/// pair verified; clusters are complete: every two members were compared. @throws what reading the data set throws
DuplicateReport find_duplicates(const Dataset& dataset, const DuplicateOptions& options = {});

/// A pair whose sides are in different splits, or labels and groups that are in several splits.
struct LeakReport {
  std::vector<DuplicatePair> pairs;
  struct Overlap {
    std::string kind, name;  ///< kind: label or group
    std::vector<std::string> splits;
  };
  std::vector<Overlap> overlaps;
  std::vector<std::string> splits;
};
/// @param dataset  items with a split (two data sets put together: see join_datasets)
LeakReport find_leaks(const Dataset& dataset, const DuplicateReport& duplicates);
/// Items of both; those of `second` follow, and every item without a split gets the name of its side.
Dataset join_datasets(const Dataset& first, const Dataset& second);

nlohmann::ordered_json duplicates_document(const Dataset& dataset, const DuplicateReport& report);
nlohmann::ordered_json leaks_document(const Dataset& dataset, const LeakReport& report);
/// CSV row_a,path_a,label_a,split_a,row_b,...,difference,same_bytes,two_labels; atomic.
void write_pairs_csv(const fs::path& file, const Dataset& dataset, const std::vector<DuplicatePair>& pairs);

}  // namespace winnow
