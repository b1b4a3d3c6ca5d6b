#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "src/training/ema.h"
#include "src/training/optimizer.h"
#include "src/training/training_data.h"

namespace winnow {

/// Mean of something over an epoch, as sum and count.
struct Ratio {
  double sum = 0, count = 0;
};

/// How a run computes.
struct Compute {
  std::string device = "cpu";
  bool bf16 = false;  ///< network under autocast; normalisation and losses stay float32
};

/// Switches autocast to bfloat16 for its life, or does nothing.
class AutocastGuard {
 public:
  AutocastGuard(bool on, at::DeviceType device);
  ~AutocastGuard();
  AutocastGuard(const AutocastGuard&) = delete;
  AutocastGuard& operator=(const AutocastGuard&) = delete;

 private:
  bool on_;
  at::DeviceType device_;
  bool before_ = false;
};

/// raw / max(|raw|, 1e-12), row by row, in float32.
at::Tensor normalize_rows(const at::Tensor& raw);

/// What the members of a run size themselves by. @param dim of the embedding
LossContext make_loss_context(const ExperimentConfig& config, const TrainingData& data, int64_t dim,
                              int64_t steps_per_epoch, at::Device device);

/// One network with its losses, optimizer and weight average. Not thread-safe.
class Learner {
 public:
  /// @param config, data must outlive this. @param seed of the initial weights. @throws Error(kConfig | kData)
  Learner(const ExperimentConfig& config, const TrainingData& data, const Compute& compute, int64_t steps_per_epoch,
          uint64_t seed);

  /// Fills raw and z from `mixed`, and with `teacher` raw_teacher and z_teacher from `images` through the EMA.
  /// @param images, mixed  uint8 [B, H, W, 3] on the learner's device
  void embed(LossBatch& batch, const at::Tensor& images, const at::Tensor& mixed, bool teacher);
  /// Class scores [B, C] of pictures as they are: evaluation mode, no gradient. Needs a classifier().
  /// @param batch  labels and rows of the pictures
  at::Tensor class_scores(LossBatch batch, const at::Tensor& images);
  /// Weighted sum of the reduced losses, 0-d.
  at::Tensor total_loss(const LossBatch& batch, const Targets& targets, std::map<std::string, Ratio>& log);
  void zero_grad() { optimizer_->zero_grad(); }
  /// Clips, updates weights and EMA after a backward pass.
  void step(double rate, std::map<std::string, Ratio>& log);
  /// Lets the losses fill their banks.
  void after_step(const LossBatch& batch, const Targets& targets);

  EmbeddingModel& model() { return *model_; }
  /// The model to validate and save: the EMA where there is one.
  EmbeddingModel& shown_model() { return ema_ ? ema_->model() : *model_; }
  bool has_ema() const { return ema_ != nullptr; }
  /// True when one of the losses looks at the weight-EMA network's embeddings.
  bool losses_need_teacher() const;
  /// The first loss with class scores; null when there is none.
  Loss* classifier() { return classifier_; }
  at::Device device() const { return device_; }

  /// Weights, buffers, optimizer, EMA and losses, every name with this prefix.
  void append_state(NamedTensors& out, const std::string& prefix);
  /// Bit-exact. @throws Error(kData) when the run's settings do not fit the state
  void load_state(const NamedTensors& saved, const std::string& prefix);

 private:
  struct Term {
    std::string name;
    double weight = 1.0;
    std::unique_ptr<Loss> loss;
  };
  const ExperimentConfig& config_;
  Compute compute_;
  at::Device device_;
  std::unique_ptr<EmbeddingModel> model_;
  std::vector<Term> terms_;
  Loss* classifier_ = nullptr;  ///< one of terms_
  std::unique_ptr<Optimizer> optimizer_;
  std::unique_ptr<WeightEma> ema_;
};

/// Appends tensors with a prefix before each name.
void append_prefixed(NamedTensors& out, const std::string& prefix, const NamedTensors& tensors);
/// Tensors whose name starts with `prefix`, without it.
NamedTensors part_of(const NamedTensors& all, const std::string& prefix);

}  // namespace winnow
