#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "src/config/reader.h"
#include "src/training/config.h"

namespace winnow {

/// One epoch; a line of metrics.jsonl holds the same names.
struct EpochReport {
  int64_t epoch = 0;                                  ///< 1-based
  int64_t step = 0;                                   ///< optimizer steps so far
  double loss = 0;                                    ///< mean over steps
  double learning_rate = 0;                           ///< of the last step
  double images_per_second = 0, wait_share = 0;       ///< of the training part, without validation
  double seconds = 0;                                 ///< with validation
  double mean_pair_distance = 0, embedding_rank = 0;  ///< effective rank (exp of the spectrum's entropy)
  /// Means of what losses and policy log. With a `true_label` column also memorised (share of the wrongly labelled
  /// items whose given label was predicted) and, where a policy rewrites labels, clean_kept and wrong_fixed.
  std::map<std::string, double> log;
  std::map<std::string, double> validation;  ///< recall@1, map@r, ...; empty when the epoch was not validated
};

struct TrainResult {
  std::vector<EpochReport> epochs;
  int64_t best_epoch = -1;
  std::map<std::string, double> best, last;  ///< validation metrics
  fs::path model_folder;                     ///< RUN/model (best when validated, else last)
  double seconds = 0, images_per_second = 0, wait_share = 0;
};

struct TrainRequest {
  ExperimentConfig* config = nullptr;
  Origins origins;
  fs::path run;                      ///< run folder
  bool resume = false;               ///< continue from RUN/checkpoints/last when it exists
  std::vector<std::string> command;  ///< words of the command line, for provenance and the resume hint
};

/// Trains into a run folder: config.yaml, metrics.jsonl (a start record a session, then one record an epoch),
/// TensorBoard events, checkpoints/{last,best}, model/, provenance.json. An unbroken run and one that was stopped or
/// killed and then resumed give the same bits (same thread count). Call init_torch_threads() before.
/// @throws Error(kInterrupted) after a clean save, Error(kNumeric) with step and rows (NaN) or diagnosis (collapse),
///         Error(kUsage) when the folder holds a run and resume is not asked for, Error(kMismatch) when a resumed run's
///         data changed, Error(kData | kConfig | kDevice)
TrainResult train(const TrainRequest& request);

/// What a run will cost, before it starts (`train --dry-run`, `plan`).
struct CostCard {
  int64_t images = 0, classes = 0, steps = 0, parameters = 0;
  double seconds_per_step = 0, seconds_total = 0, gflops_per_image = 0;
  uint64_t memory_bytes = 0, disk_bytes = 0;
  std::string device, precision;
};
/// @param measure  times a few real steps on random pictures
CostCard plan_training(ExperimentConfig& config, bool measure);

}  // namespace winnow
