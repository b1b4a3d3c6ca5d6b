#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "src/training/ema.h"
#include "src/training/optimizer.h"
#include "src/training/schedule.h"
#include "src/training/training_data.h"

namespace winnow {

/// Mean of something over an epoch, as sum and count.
struct Ratio {
  double sum = 0, count = 0;
};

struct StepReport {
  double loss = 0, learning_rate = 0, pair_distance = 0;
  int64_t images = 0;
  std::map<std::string, Ratio> log;
  at::Tensor z;  ///< float [B, D] on the CPU, detached
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

/// Everything that learns, and one training step: forward, trust, targets, losses, backward, clip, update, EMA.
/// A pure function of (state, batch, step): the state is all that state() lists. Not thread-safe.
class TrainStep {
 public:
  /// @param data must outlive this. @throws Error(kConfig | kData)
  TrainStep(const ExperimentConfig& config, const TrainingData& data, const Compute& compute, int64_t steps_per_epoch);

  /// @param step, epoch 0-based. @throws Error(kNumeric) for a loss that is not finite
  StepReport run(const ImageBatch& batch, int64_t step, int64_t epoch);

  /// After the last step of an epoch, before a checkpoint. @param epoch 0-based
  void end_epoch(int64_t epoch) { trust_->end_epoch(epoch); }
  /// What the trust estimator knows of each training picture, by position.
  std::optional<TrustTable> trust_table() const { return trust_->table(); }

  EmbeddingModel& model() { return *model_; }
  /// The model to validate and save: the EMA where there is one.
  EmbeddingModel& shown_model() { return ema_ ? ema_->model() : *model_; }
  /// Name of the target policy when it replaces labels, else empty.
  std::string rewriting_policy() const { return policy_->rewrites_labels() ? config_.targets.name : ""; }

  /// Weights, buffers, optimizer, EMA, losses, policy, trust and Torch's random generators.
  NamedTensors state();
  /// Bit-exact. @throws Error(kData) when the run's settings do not fit the state
  void load_state(const NamedTensors& state);

 private:
  struct Term {
    std::string name;
    double weight = 1.0;
    std::unique_ptr<Loss> loss;
  };
  LossBatch forward(const ImageBatch& batch, int64_t step, int64_t epoch);
  at::Tensor logits(const LossBatch& batch);
  at::Tensor total_loss(const LossBatch& batch, const Targets& targets, std::map<std::string, Ratio>& log);
  void update(const at::Tensor& total, double rate, std::map<std::string, Ratio>& log);
  void log_trust(const Verdict& verdict, std::map<std::string, Ratio>& log) const;
  void count_truth(const LossBatch& batch, const Targets& targets, const at::Tensor& logits,
                   std::map<std::string, Ratio>& log) const;

  const ExperimentConfig& config_;
  const TrainingData& data_;
  Compute compute_;
  at::Device device_;
  Schedule schedule_;
  int64_t total_steps_;
  std::unique_ptr<EmbeddingModel> model_;
  std::vector<Term> terms_;
  Loss* classifier_ = nullptr;  ///< first classification loss, one of terms_
  std::unique_ptr<TargetPolicy> policy_;
  std::unique_ptr<TrustEstimator> trust_;
  std::unique_ptr<Optimizer> optimizer_;
  std::unique_ptr<WeightEma> ema_;
  at::Tensor truth_;  ///< int64 [N]; undefined when nothing is known
  bool needs_logits_, needs_teacher_;
};

}  // namespace winnow
