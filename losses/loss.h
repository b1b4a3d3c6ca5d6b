#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "src/config/family.h"
#include "src/config/options.h"
#include "src/core/random.h"

namespace winnow {

/// One batch as losses, trust estimators and target policies see it. B batch, D embedding, C classes.
struct LossBatch {
  at::Tensor raw;        ///< float [B, D], embedding before normalisation
  at::Tensor z;          ///< float [B, D], rows of unit L2 norm
  at::Tensor labels;     ///< int64 [B], the given (maybe wrong) labels
  at::Tensor rows;       ///< int64 [B], dense training index 0..N-1, stable over epochs (not the manifest row)
  at::Tensor z_teacher;  ///< float [B, D], weight-EMA embedding, detached; undefined when there is no EMA
  double progress = 0;   ///< [0, 1) share of the whole training done
  int64_t step = 0, epoch = 0;
};

/// What an estimator thinks of the given labels of a batch.
struct Verdict {
  at::Tensor trust;   ///< float [B] in [0, 1], P(given label right); 1 when nothing is known
  at::Tensor in_set;  ///< bool [B], false = looks open-set; undefined = all true
  double rate_estimate = -1, separation = -1;  ///< -1 = not known
};

/// Labels a loss is to use.
struct Targets {
  at::Tensor labels;  ///< int64 [B]
  at::Tensor soft;    ///< float [B, C], rows sum to 1; undefined = one-hot of labels
  at::Tensor trust;   ///< float [B] in [0, 1], element weights
};

enum class ItemKind { kElement, kPositivePair, kNegativePair, kTriplet };

/// Unreduced values of one kind. The reducer weighs element i by t_i, a positive pair by t_i t_j, a negative pair by 1.
struct LossItems {
  ItemKind kind = ItemKind::kElement;
  at::Tensor values;        ///< float [M]
  at::Tensor first, second; ///< int64 [M], batch positions (elements: first only); undefined for elements in order
  at::Tensor second_trust;  ///< float [M], trust of the partner when it comes from a bank; undefined = batch trust
};

struct LossResult {
  std::vector<LossItems> items;
  std::map<std::string, double> log;
};

/// What a member may need to size itself.
struct LossContext {
  int64_t classes = 0;  ///< C
  int64_t dim = 0;      ///< D
  int64_t items = 0;    ///< N training pictures
  int64_t total_steps = 0, steps_per_epoch = 0;
  uint64_t seed = 0;
};

/// Named tensors that must come back bit-exactly on resume (banks, running targets, scalars as 0-d float64/int64).
using LossState = std::vector<std::pair<std::string, at::Tensor>>;

/// A loss. Not thread-safe; one instance a run.
class Loss {
 public:
  virtual ~Loss() = default;
  /// @throws Error(kShape) when tensors do not agree, Error(kData) for a label outside [0, C)
  virtual LossResult forward(const LossBatch& batch, const Targets& targets) = 0;
  /// Margin-free class scores float [B, C] of a classification loss (scaled as for its softmax); undefined otherwise.
  virtual at::Tensor logits(const LossBatch&) { return {}; }
  /// Called after the optimizer step with the trust used (banks are filled here).
  virtual void after_step(const LossBatch&, const Targets&) {}
  /// Leaf tensors that are trained with the network, by name.
  virtual std::vector<std::pair<std::string, at::Tensor>> parameters() { return {}; }
  virtual LossState state() { return {}; }
  /// @throws Error(kData) when names or shapes differ
  virtual void load_state(const LossState& state);
  /// True when it needs P x K batches to have pairs at all.
  virtual bool needs_pairs() const { return false; }
  /// True for losses that bound the gradient of wrong labels by themselves.
  virtual bool robust() const { return false; }
};

/// Decides, for each item of a batch, which label the losses use. Exactly one policy rewrites labels in a run.
class TargetPolicy {
 public:
  virtual ~TargetPolicy() = default;
  /// @param logits  float [B, C] margin-free scores of the (first) classification loss, detached; undefined if none
  virtual Targets apply(const LossBatch& batch, const Verdict& verdict, const at::Tensor& logits, Random& random) = 0;
  virtual LossState state() { return {}; }
  virtual void load_state(const LossState& state);
  /// Values for the log of the last batch (e.g. "trust_in_given", "swapped").
  virtual std::map<std::string, double> log() const { return {}; }
  virtual bool rewrites_labels() const { return false; }
  /// An extra term added to the loss (e.g. the class-balance guard); undefined = none. Has gradient through logits.
  virtual at::Tensor regulariser(const at::Tensor& /*logits_with_grad*/) { return {}; }
};

/// Estimates trust. (Only `none` in this family until the trust estimators of losses.md 8.3 arrive.)
class TrustEstimator {
 public:
  virtual ~TrustEstimator() = default;
  virtual Verdict judge(const LossBatch& batch) = 0;
  virtual void observe(const LossBatch& batch, const at::Tensor& logits) = 0;
  virtual void end_epoch(int64_t) {}
  virtual LossState state() { return {}; }
  virtual void load_state(const LossState& state);
};

using LossFamily = FamilyRegistry<std::function<std::unique_ptr<Loss>(const Options&, const LossContext&)>>;
using PolicyFamily = FamilyRegistry<std::function<std::unique_ptr<TargetPolicy>(const Options&, const LossContext&)>>;
using TrustFamily = FamilyRegistry<std::function<std::unique_ptr<TrustEstimator>(const Options&, const LossContext&)>>;
const LossFamily& loss_family();
const PolicyFamily& policy_family();
const TrustFamily& trust_family();

/// Weighted mean of items by trust: elements sum(t v) / max(sum t, 0.05 M); a positive pair has t_i t_j, a negative 1.
/// Kinds are averaged apart and added. @return 0-d tensor with gradient
at::Tensor reduce_items(const std::vector<LossItems>& items, const at::Tensor& trust);

/// Throws Error(kShape | kData) with `NAME: labels must be [B]=128, got [64]`-style messages.
void check_batch(const char* name, const LossBatch& batch, int64_t classes, int64_t dim);

}  // namespace winnow
