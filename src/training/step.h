#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "losses/peers.h"
#include "src/training/dynamics.h"
#include "src/training/learner.h"
#include "src/training/mixing.h"
#include "src/training/schedule.h"

namespace winnow {

struct StepReport {
  double loss = 0, learning_rate = 0, pair_distance = 0;
  int64_t images = 0;
  std::map<std::string, Ratio> log;
  at::Tensor z;  ///< float [B, D] on the CPU, detached
};

/// Everything that learns, and one training step: forward, trust, targets, losses, backward, clip, update, EMA. With a
/// peer rule a second network learns beside the first, which is the one that is shown and saved.
/// A pure function of (state, batch, step): the state is all that state() lists. Not thread-safe.
class TrainStep {
 public:
  /// @param data must outlive this. @throws Error(kConfig | kData)
  TrainStep(const ExperimentConfig& config, const TrainingData& data, const Compute& compute, int64_t steps_per_epoch);

  /// @param step, epoch 0-based. @throws Error(kNumeric) for a loss that is not finite
  StepReport run(const ImageBatch& batch, int64_t step, int64_t epoch);
  /// After the last step of an epoch, before a checkpoint. @param epoch 0-based
  void end_epoch(int64_t epoch);
  /// What the peer rule or the trust estimator knows of each training picture, by position.
  std::optional<TrustTable> trust_table() const;
  /// Null without class scores.
  const TrainingDynamics* dynamics() const { return dynamics_.get(); }

  EmbeddingModel& model() { return learner_.model(); }
  /// The model to validate and save: the EMA where there is one.
  EmbeddingModel& shown_model() { return learner_.shown_model(); }
  /// The first loss with class scores; null when there is none.
  Loss* classifier() { return learner_.classifier(); }
  /// Name of the target policy when it replaces labels, else empty.
  std::string rewriting_policy() const { return policy_->rewrites_labels() ? config_.targets.name : ""; }

  /// Weights, buffers, optimizer, EMA, losses, policy, trust and Torch's random generators.
  NamedTensors state();
  /// Bit-exact. @throws Error(kData) when the run's settings do not fit the state
  void load_state(const NamedTensors& state);

 private:
  /// A batch on the device, before any network saw it.
  struct Pictures {
    at::Tensor images, mixed;  ///< uint8 [B, H, W, 3]
    LossBatch batch;           ///< labels, rows, progress, step, epoch
    Mix mix;
  };
  Pictures load(const ImageBatch& images, int64_t step, int64_t epoch) const;
  Targets make_targets(const LossBatch& batch, const Verdict& verdict, const at::Tensor& scores);
  /// What the peer saw of a step.
  struct PeerSide {
    LossBatch batch;
    Targets targets;
  };
  /// One forward pass of all networks, and what is learnt from it.
  struct Pass {
    LossBatch batch;           ///< of the first network
    Targets targets, counted;  ///< what it learns from; what the log compares with the true labels
    at::Tensor scores;         ///< its class scores; undefined where nobody asks for them
    Verdict verdict;
    PeerSide side;
    at::Tensor total;  ///< 0-d
  };
  Pass usual_pass(const Pictures& pictures, std::map<std::string, Ratio>& log);
  Pass taught_pass(const Pictures& pictures, PeerTeacher& teacher, std::map<std::string, Ratio>& log);
  at::Tensor with_peer(const Pictures& pictures, const PeerBatch& view, const LossBatch& batch, Targets& targets,
                       PeerSide& side, std::map<std::string, Ratio>& log);
  void update(const at::Tensor& total, double rate, std::map<std::string, Ratio>& log);
  void log_trust(const Verdict& verdict, std::map<std::string, Ratio>& log) const;
  /// @param rewritten  `targets.labels` are no longer the given ones
  void count_truth(const LossBatch& batch, const Targets& targets, const at::Tensor& logits, bool rewritten,
                   std::map<std::string, Ratio>& log) const;

  const ExperimentConfig& config_;
  const TrainingData& data_;
  Schedule schedule_;
  int64_t total_steps_;
  Learner learner_;
  std::unique_ptr<Learner> peer_;  ///< null with one network
  std::unique_ptr<PeerRule> rule_;
  std::unique_ptr<TargetPolicy> policy_;
  std::unique_ptr<TrustEstimator> trust_;
  std::unique_ptr<TrainingDynamics> dynamics_;  ///< null without a classifier
  at::Tensor truth_;                            ///< int64 [N]; undefined when nothing is known
  bool needs_logits_, needs_teacher_;
};

}  // namespace winnow
