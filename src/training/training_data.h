#pragma once

#include <memory>
#include <string>
#include <vector>

#include "src/training/config.h"

namespace winnow {

/// The pictures of a run, in memory as manifests.
struct TrainingData {
  /// In `truth`: the manifest does not say.
  static constexpr int64_t kUnknown = -2;

  Dataset train;               ///< every item labelled, labels dense 0..C-1, C >= 2
  std::vector<int64_t> truth;  ///< by position in train: index of `true_label`, -1 = a class not in train, or kUnknown;
                               ///< empty when no item's true label differs from its given one
  Dataset val;                 ///< items empty when the run has no validation set
  bool val_has_train_classes = false;  ///< validation queries search the training pictures; else leave-one-out in val
  std::vector<std::string> notes;      ///< what was left out and why, for the log
};

/// Reads the manifests of `data:`, splits classes off for validation, numbers labels densely.
/// @throws Error(kNotFound | kData)
TrainingData load_training_data(const ExperimentConfig& config);

Preprocessing make_preprocessing(const DataOptions& options);

/// @param training  decode threads are chosen so that they do not fight a CPU network for cores
LoaderOptions make_loader_options(const DataOptions& options, const std::string& device, bool training);

SamplerContext make_sampler_context(const TrainingData& data, const TrainingOptions& options);

/// The sampler of `sampler:` over the training pictures, each as often in a batch as the peer rule wants views of it;
/// it may have no batch when they are fewer than one.
/// @throws Error(kConfig) when it does not fit the batch or the classes
std::unique_ptr<Sampler> make_sampler(const ExperimentConfig& config, const TrainingData& data);

}  // namespace winnow
