#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "losses/loss.h"

namespace winnow {

/// Two networks' views of one batch. Logits are margin-free class scores with gradient.
struct PeerBatch {
  at::Tensor labels;              ///< int64 [B]
  at::Tensor logits_a, logits_b;  ///< float [B, C]
  double rate_estimate = -1;      ///< of the trust estimator; -1 = not known
  int64_t epoch = 0, step = 0;    ///< 0-based, of the whole run
  at::Tensor rows;                ///< int64 [B], dense training index; what is there twice are views of one picture
};

/// Which items each network learns from, and what they share.
struct PeerVerdict {
  at::Tensor weight_a, weight_b;  ///< float [B], 0 or 1: multiplied into the trust of each network's items
  double scale = 1;               ///< factor of both networks' own losses
  at::Tensor extra;               ///< 0-d with gradient through both logits, added once; undefined = none
};

/// What one network learns from.
struct Lesson {
  at::Tensor soft;      ///< float [B, C], rows sum to 1
  at::Tensor labelled;  ///< float [B], 1: learnt by the run's losses, 0: by the teacher's own term
};

struct PeerLesson {
  double alpha = 1;  ///< pictures and `soft` are blended in pairs, a draw for each network (src/training/mixing.h)
  Lesson a, b;
};

/// The part of a rule that gives both networks blended pictures and targets of its own.
class PeerTeacher {
 public:
  virtual ~PeerTeacher() = default;
  /// @param batch  logits of the pictures as they are, from networks in evaluation mode, without gradient
  virtual PeerLesson teach(const PeerBatch& batch) = 0;
  /// Added to the run's losses, 0-d with gradient through `logits`, those of blended pictures.
  /// @param network  0 = a, 1 = b. @param blended  soft targets after blending; labelled as taught, by place
  virtual at::Tensor blended_term(int64_t step, int network, const at::Tensor& logits, const Lesson& blended) = 0;
};

struct PeerOptions : Options {
  double rate = -1.0, ramp_epochs = 10.0, exponent = 1.0, agreement = 0.65;
  int64_t start_epoch = 5;
  void visit(OptionVisitor& v) override;
};

/// What two networks decide for one another. Not thread-safe.
class PeerRule {
 public:
  virtual ~PeerRule() = default;
  virtual PeerVerdict judge(const PeerBatch& batch) = 0;
  /// Who takes judge()'s place at a step; null = nobody.
  virtual PeerTeacher* teacher(int64_t /*step*/) { return nullptr; }
  /// Called after the last step of each epoch (0-based).
  virtual void end_epoch(int64_t /*epoch*/) {}
  virtual std::map<std::string, double> log() const { return {}; }
  /// Nothing for rules without a memory of pictures.
  virtual std::optional<TrustTable> table() const { return std::nullopt; }
  virtual LossState state() { return {}; }
  virtual void load_state(const LossState& saved) { restore_state(saved, state()); }
  /// True when a trust estimator must find the noise rate.
  virtual bool needs_rate() const { return false; }
  /// True when it judges and rewrites labels and blends pictures itself, so that nothing else may.
  virtual bool decides_alone() const { return false; }
  /// Augmentations of each picture that a batch shall hold.
  virtual int64_t views() const { return 1; }
};

// The next three keep of a batch the share 1 - R(t) with the smallest cross entropy, R(t) = rate min(1, (epoch /
// ramp_epochs)^exponent). `rate` is told, or with -1 taken from the trust estimator (nothing is dropped while that
// knows nothing).

/// co_teaching: each network's small-loss items train the other one. Han et al., NeurIPS 2018.
std::unique_ptr<PeerRule> make_co_teaching(const Options& options, const LossContext& context);
/// co_teaching_plus: as co_teaching, from start_epoch on only among items whose predictions differ (all of the batch
/// when none does). Yu et al., ICML 2019.
std::unique_ptr<PeerRule> make_co_teaching_plus(const Options& options, const LossContext& context);
/// jocor: both networks keep the items with the smallest joint loss (1 - l)(CE_a + CE_b) + l (KL(a||b) + KL(b||a)), l =
/// agreement, and minimise it together. Wei et al., CVPR 2020.
std::unique_ptr<PeerRule> make_jocor(const Options& options, const LossContext& context);

using PeerFamily = FamilyRegistry<std::function<std::unique_ptr<PeerRule>(const Options&, const LossContext&)>>;
/// none (one network), co_teaching, co_teaching_plus, jocor, dividemix.
const PeerFamily& peer_family();

/// float [B]: 1 for the `keep` share (rounded down, at least one item) of the smallest `values`; ties by position.
/// @param among bool [B], items that may be kept at all; undefined = all
at::Tensor small_loss_mask(const at::Tensor& values, double keep, const at::Tensor& among = {});

}  // namespace winnow
