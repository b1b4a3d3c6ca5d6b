#pragma once

#include <functional>
#include <string>
#include <vector>

#include "retrieval/embeddings.h"

namespace winnow {

struct AblationOptions {
  /// Embeddings of the same queries and gallery made another way ("flip", "scales", "gem"), each evaluated after plain.
  struct Variant {
    std::string name;
    fs::path queries, gallery;
  };
  std::vector<Variant> variants;
  fs::path whitening_from;    ///< embeddings that whitening is learned on; empty = the gallery when no query is in it
  int64_t whitening_dim = 0;  ///< 0 = all dimensions
  int64_t expand = 10;        ///< neighbours of QE and DBA
};

struct AblationStep {
  std::string name, note;
  double recall_at_1 = 0, map_at_r = 0;
  double gain_map = 0;          ///< over plain
  double micros_per_query = 0;  ///< what the step adds to a query, without learning and preparing the gallery
  double prepare_seconds = 0;   ///< learning, preparing the gallery
  bool transductive = false;    ///< uses the other queries or the whole gallery
};

/// Plain search and each post-processing on its own, then the best whitening with expansion and re-ranking on top.
/// Exact over the whole gallery; equal labels are relevant, queries without any are left out, ties by gallery row.
/// @param gallery  equal to `queries`: each query is left out of its own gallery
/// @throws Error(kData) when whitening would be learned on tested items or there are no labels, Error(kMismatch)
std::vector<AblationStep> ablate(const fs::path& queries, const fs::path& gallery, const AblationOptions& options,
                                 const std::function<void(const std::string&)>& on_step = {});

std::string ablation_text(const std::vector<AblationStep>& steps);
std::string ablation_json(const std::vector<AblationStep>& steps);

}  // namespace winnow
