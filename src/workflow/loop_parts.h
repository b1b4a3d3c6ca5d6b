#pragma once

#include <map>
#include <set>

#include "src/training/config.h"
#include "src/workflow/evaluate.h"
#include "src/workflow/loop.h"

namespace winnow {

// Parts of the loop that do not know its order (loop.cpp does).

/// A recipe of the loop with its origins.
struct LoopRecipe {
  ExperimentConfig config;
  Origins origins;
};
/// @param robust  lays `recipe: robust` under the recipe, unless it names one itself
LoopRecipe loop_recipe(const LoopRequest& request, bool robust);

/// The same recipe on a repaired manifest, with as many steps as `given` has.
void train_on_repaired(LoopRecipe& recipe, const fs::path& manifest, const ExperimentConfig& given);

/// @throws Error(kUsage | kData) naming what is wrong, before anything is trained
void check_loop(const LoopRequest& request, const LoopRecipe& given);

/// Everything that decides what OUT holds, as one SHA-256.
std::string loop_settings_digest(const LoopRequest& request);

/// Trains, embeds the given rows (RUN/embeddings) and the held-out set (RUN/queries, RUN/gallery); nothing when
/// RUN/step.json is there. @return seconds
double loop_training(const LoopRequest& request, LoopRecipe& recipe, const DataSource& given, const fs::path& run);

/// The held-out set by the model of a finished training.
EvaluationRun measure_loop_model(const LoopRequest& request, const fs::path& run);

/// Metrics, and gains against `base` unless it is null.
void fill_metrics(LoopStep& step, const LoopRequest& request, const EvaluationRun& run, const EvaluationRun* base);

/// Given labels by row, and what a manifest makes of them.
class LoopLabels {
 public:
  /// @param key  column of true labels or "". @throws Error(kData) when there is no such column
  LoopLabels(const DataSource& given, const std::string& key);

  int64_t rows() const { return static_cast<int64_t>(given_.size()); }
  /// Counts of changes, and shares of right ones where the key is known. @param manifest  "" = the given one
  void fill(LoopStep& step, const fs::path& manifest) const;
  /// Rows that the manifest has with the label they were given.
  std::set<int64_t> untouched(const fs::path& manifest) const;

 private:
  std::map<int64_t, std::string> given_, truth_;
};

}  // namespace winnow
