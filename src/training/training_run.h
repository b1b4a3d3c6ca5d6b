#pragma once

#include <fstream>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "src/training/checkpoint.h"
#include "src/training/event_file.h"
#include "src/training/meter.h"
#include "src/training/provenance.h"
#include "src/training/trainer.h"
#include "src/training/validation.h"
#include "src/training/watchdog.h"

namespace winnow {

/// One process's part of a training: holds the run folder's lock, starts anew or at the last checkpoint, runs epochs
/// and keeps the folder up to date.
class TrainingRun {
 public:
  /// Reads data, builds the model, restores the checkpoint; writes only config.yaml, the start records and provenance.
  explicit TrainingRun(const TrainRequest& request);

  TrainResult run();
  /// Closes the provenance record of this process.
  void end(const std::string& status, int exit_code, const std::string& message);

 private:
  int64_t global_step() const { return epoch_ * steps_per_epoch_ + step_in_epoch_; }
  bool done() const;
  /// Gives a sampler that follows trust what was known at the epoch's start.
  void follow_trust();
  void train_epoch();
  void end_epoch();
  bool validates() const;
  void validate(EpochReport& report);
  [[noreturn]] void stop_cleanly();

  // training_run_folder.cpp
  void restore();
  void check_same_data(const nlohmann::json& state) const;
  void open_folder();
  void rewrite_metrics();
  nlohmann::ordered_json start_record();
  nlohmann::ordered_json facts() const;
  void save_last();
  void save_best();
  void record(const EpochReport& report);
  fs::path save_final_model(const TrainResult& result);
  void save_card_and_model(const fs::path& folder, EmbeddingModel& model,
                           const std::map<std::string, double>& metrics) const;
  std::string resume_command() const;

  const TrainRequest& request_;
  ExperimentConfig& config_;
  TrainingData data_;
  FolderLock lock_;
  std::optional<Checkpoint> saved_;  ///< released once restored
  Compute compute_;
  std::string precision_;
  std::unique_ptr<Sampler> sampler_;
  Augmentation augmentation_;
  Loader loader_;
  int64_t steps_per_epoch_;
  TrainStep step_;
  std::unique_ptr<Validator> validator_;
  CollapseWatch watch_;
  EpochMeter meter_;
  std::vector<EpochReport> history_;
  int64_t epoch_ = 0, step_in_epoch_ = 0;
  at::Tensor sampler_trust_;  ///< float [N] at the epoch's start; undefined when the sampler does not follow it
  std::unique_ptr<EventFile> events_;
  std::unique_ptr<Provenance> provenance_;
  std::ofstream metrics_;
};

}  // namespace winnow
