#pragma once

#include <nlohmann/json_fwd.hpp>

#include "data/dataset.h"
#include "src/config/reader.h"
#include "src/report/loop_report.h"
#include "src/workflow/loop_judge.h"

namespace winnow {

/// `winnow loop`: train on the labels as given, train robustly, rank, repair what is sure, train again, measure.
struct LoopRequest {
  ConfigSource recipe;  ///< of every training; its data.train is the given manifest. Its own validation is switched off
  fs::path out;
  int64_t rounds = 1;  ///< repairs, 1..5
  LoopThresholds thresholds;
  std::string final_recipe =
      "robust";                 ///< recipe of the trainings on repaired labels: robust | plain (the recipe as it is)
  std::string key;              ///< column with the true labels, for figures only; "" = none is known
  DataSource queries, gallery;  ///< held-out clean set; gallery without data: queries among themselves
  std::vector<std::string> metrics = {"recall@1", "map@r"};  ///< the first one decides
  std::vector<std::string> command;
};

struct LoopOutcome {
  std::vector<LoopStep> steps;  ///< given labels, robust training, one a round
  LoopVerdict verdict;
  fs::path report;
};

/// Folders: OUT/given, OUT/round-1/robust, OUT/round-N/{suspects.csv, estimate.json, decisions.csv, repaired.csv,
/// retrained}; OUT/loop.json and OUT/report.html at the end. Every round judges the labels as they were *given*, by
/// networks that have seen better ones, so that no mistake of an earlier round is built on; each repaired.csv comes
/// from the given manifest by `noise apply` and `noise revert` takes it back byte for byte. Rows of the splits test,
/// val and validation are never changed. What is finished is not done again; a training goes on at its checkpoint. All
/// trainings have the same number of steps. Call init_torch_threads() before.
/// @throws Error(kUsage) for values out of range, no held-out set, or an `out` made with other settings;
///   Error(kInterrupted) after a clean save; what train() and embed_dataset() throw
LoopOutcome run_loop(const LoopRequest& request);

/// A part of the loop before it starts.
struct LoopPlanStep {
  std::string name;
  int64_t passes = 0;  ///< pictures that go through a network
  double seconds = 0;  ///< estimated
};
/// Trains nothing. @throws as run_loop
std::vector<LoopPlanStep> plan_loop(const LoopRequest& request);

nlohmann::ordered_json loop_document(const LoopOutcome& outcome);

}  // namespace winnow
