#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "src/config/family.h"
#include "src/config/options.h"
#include "src/core/random.h"

namespace winnow {

// One training step, in this order (losses.md 8.2):
//   verdict = trust.judge(batch)
//   logits  = classifier.logits(batch)                  with gradient; forward() reuses the product
//   targets = policy.apply(batch, verdict, logits.detach(), random)
//   loss    = sum_k weight_k reduce_items(loss_k.forward(batch, targets).items, targets.trust)
//             + policy.regulariser(logits)
//   backward, optimizer step, trust.observe(batch, logits.detach()), loss_k.after_step(batch, targets)
// Letters: B batch, D embedding, C classes, N training pictures, M items of a loss.

/// One batch as losses, trust estimators and target policies see it. All tensors on one device.
struct LossBatch {
  at::Tensor raw;     ///< float [B, D], embedding before normalisation
  at::Tensor z;       ///< float [B, D], rows of unit L2 norm
  at::Tensor labels;  ///< int64 [B], the given (maybe wrong) labels
  at::Tensor rows;    ///< int64 [B], dense training index 0..N-1, stable over epochs (not the manifest row)
  at::Tensor
      z_teacher;  ///< float [B, D], unit rows of the weight-EMA network, detached; undefined when there is no EMA
  at::Tensor raw_teacher;  ///< float [B, D], the same before normalisation; only linear heads ask for it
  double progress = 0;     ///< [0, 1) share of the whole training done
  int64_t step = 0, epoch = 0;
};

/// What an estimator thinks of the given labels of a batch.
struct Verdict {
  at::Tensor trust;                            ///< float [B] in [0, 1], P(given label right); 1 when nothing is known
  at::Tensor in_set;                           ///< bool [B], false = looks open-set; undefined = all true
  double rate_estimate = -1, separation = -1;  ///< -1 = not known
};

/// Labels a loss is to use.
struct Targets {
  at::Tensor labels;  ///< int64 [B]
  /// float [B, C], rows sum to 1; undefined = one-hot of labels. A classification loss gives sum_k q_k loss(k), the
  /// expectation over labels drawn from q; other losses use `labels`.
  at::Tensor soft;
  at::Tensor trust;  ///< float [B] in [0, 1], element weights
};

enum class ItemKind {
  kElement,       ///< weight t_i
  kPositivePair,  ///< weight t_i t_j
  kNegativePair,  ///< weight 1: a wrong label leaves most negatives true
  kTriplet,       ///< weight t_anchor t_positive
  kReduced        ///< already weighted and averaged by the loss (regularisers, losses over sets): added as it is
};

/// What a weighted sum of items is divided by.
enum class Averaging {
  kItems,   ///< the weights of the items
  kAnchors  ///< the weights of the batch's anchors (B for negatives): each anchor's sum counts, as in XBM's 1/n
};

/// Unreduced values of one kind.
struct LossItems {
  ItemKind kind = ItemKind::kElement;
  at::Tensor values;         ///< float [M]; M may be 0
  at::Tensor first, second;  ///< int64 [M], batch positions: element | anchor, partner. `first` may be undefined for
                             ///< elements in order and negatives, `second` for elements, negatives and bank partners
  at::Tensor second_trust;   ///< float [M], trust of the partner when it comes from a bank; undefined = batch trust
  Averaging averaging = Averaging::kItems;
};

struct LossResult {
  std::vector<LossItems> items;       ///< each entry is averaged apart; the averages are added
  std::map<std::string, double> log;  ///< e.g. "accuracy", "active_negatives"
};

/// What a member may need to size itself.
struct LossContext {
  int64_t classes = 0;  ///< C
  int64_t dim = 0;      ///< D
  int64_t items = 0;    ///< N training pictures
  int64_t total_steps = 0, steps_per_epoch = 0;
  uint64_t seed = 0;
  at::Device device = at::kCPU;       ///< where parameters and state live
  at::ScalarType dtype = at::kFloat;  ///< of parameters and feature banks; tests use kDouble
};

/// Named tensors that must come back bit-exactly on resume (banks, running targets, scalars as 0-d float64/int64).
/// `state()` hands out the live tensors, not copies: write them before the next step. Parameters are not part of it.
using LossState = std::vector<std::pair<std::string, at::Tensor>>;

/// Copies `from` into the live tensors `into` in place, by name, in any order.
/// @throws Error(kData) when the names, shapes or dtypes differ
void restore_state(const LossState& from, const LossState& into);

/// A loss. Not thread-safe; one instance a run.
class Loss {
 public:
  virtual ~Loss() = default;
  /// @throws Error(kShape) when tensors do not agree, Error(kData) for a label outside [0, C)
  virtual LossResult forward(const LossBatch& batch, const Targets& targets) = 0;
  /// Margin-free class scores float [B, C] of a classification loss (scaled as for its softmax); undefined otherwise.
  /// With gradient where gradients are on; a forward() on the same batch then shares the graph (one backward for both).
  virtual at::Tensor logits(const LossBatch&) { return {}; }
  /// logits() = cosine_scale() * cosine; 0 when the logits are no cosines (linear heads, pair losses).
  virtual double cosine_scale() const { return 0; }
  /// Called after the optimizer step with the trust used (banks are filled here).
  virtual void after_step(const LossBatch&, const Targets&) {}
  /// Leaf tensors that are trained with the network, by name. To restore one, copy into it in place.
  virtual std::vector<std::pair<std::string, at::Tensor>> parameters() { return {}; }
  virtual LossState state() { return {}; }
  /// restore_state() into state(); enough for every member whose state is all tensors.
  virtual void load_state(const LossState& state);
  /// True when it needs P x K batches to have pairs at all.
  virtual bool needs_pairs() const { return false; }
  /// True for losses that bound the gradient of wrong labels by themselves.
  virtual bool robust() const { return false; }
  /// True when forward() looks at z_teacher, which costs a second forward pass.
  virtual bool needs_teacher() const { return false; }
};

/// Decides, for each item of a batch, which label the losses use. Exactly one policy rewrites labels in a run.
class TargetPolicy {
 public:
  virtual ~TargetPolicy() = default;
  /// Called once, before the first step, with the first classification loss of the run (null when there is none);
  /// it must outlive the policy. Gives access to cosine_scale() and to scores of other embeddings (teacher).
  /// @throws Error(kConfig) when the options need what this loss does not have
  virtual void bind(Loss* /*classifier*/) {}
  /// @param logits  float [B, C] margin-free scores of the (first) classification loss, detached; undefined if none
  /// @param random  stream of this step; what a row draws does not depend on its place in the batch
  virtual Targets apply(const LossBatch& batch, const Verdict& verdict, const at::Tensor& logits, Random& random) = 0;
  virtual LossState state() { return {}; }
  virtual void load_state(const LossState& state);
  /// Values for the log of the last batch (e.g. "trust_in_given", "swapped").
  virtual std::map<std::string, double> log() const { return {}; }
  virtual bool rewrites_labels() const { return false; }
  /// True when apply() looks at z_teacher.
  virtual bool needs_teacher() const { return false; }
  /// An extra term added to the loss (e.g. the class-balance guard); undefined = none. Has gradient through logits.
  virtual at::Tensor regulariser(const at::Tensor& /*logits_with_grad*/) { return {}; }
};

/// What an estimator knows of every training picture, for RUN/trust.csv and the audit.
struct TrustTable {
  at::Tensor trust;  ///< float [N] in [0, 1]; 1 where nothing is known
  at::Tensor score;  ///< float [N], the signal behind it, higher = more likely right; NaN where never seen
};

/// Estimates trust.
class TrustEstimator {
 public:
  virtual ~TrustEstimator() = default;
  virtual Verdict judge(const LossBatch& batch) = 0;
  virtual void observe(const LossBatch& batch, const at::Tensor& logits) = 0;
  /// Called after the last step of each epoch (0-based).
  virtual void end_epoch(int64_t /*epoch*/) {}
  /// True when z_teacher is better than z, where there is one.
  virtual bool needs_teacher() const { return false; }
  /// Nothing for estimators without a memory of pictures.
  virtual std::optional<TrustTable> table() const { return std::nullopt; }
  virtual LossState state() { return {}; }
  virtual void load_state(const LossState& state);
};

using LossFamily = FamilyRegistry<std::function<std::unique_ptr<Loss>(const Options&, const LossContext&)>>;
using PolicyFamily = FamilyRegistry<std::function<std::unique_ptr<TargetPolicy>(const Options&, const LossContext&)>>;
using TrustFamily = FamilyRegistry<std::function<std::unique_ptr<TrustEstimator>(const Options&, const LossContext&)>>;
const LossFamily& loss_family();
const PolicyFamily& policy_family();
const TrustFamily& trust_family();

/// Weighted mean of items by trust: sum(w v) / max(sum w, 0.05 M), w as ItemKind says, so that a distrusted batch
/// cannot blow up the step; with Averaging::kAnchors the divisor is max(sum t, 0.05 B), for negatives B. Entries are
/// averaged apart and added. Empty entries give 0.
/// @param trust  float [B]; undefined = all 1 (but Averaging::kAnchors needs it, to know B)
/// @return 0-d tensor with gradient
at::Tensor reduce_items(const std::vector<LossItems>& items, const at::Tensor& trust);

/// Checks shapes and dtypes of raw (where defined), z, labels, rows (where defined), and that labels are in [0,
/// classes).
/// @param classes  0 = any label >= 0
/// @param dim      0 = any
/// @throws Error(kShape | kData), e.g. `[arcface] labels must be int64 [128], got int64 [64]`
void check_batch(const char* name, const LossBatch& batch, int64_t classes, int64_t dim);
/// The same for what a policy made of the batch.
void check_targets(const char* name, const Targets& targets, int64_t batch, int64_t classes);
/// The batch as the weight-EMA network sees it: raw and z are the teacher's.
/// @throws Error(kConfig) when there is none
LossBatch teacher_view(const char* name, const LossBatch& batch);
/// @throws Error(kConfig) when a run's losses have no class scores: `present` is false
void require_classifier(const char* name, bool present);

}  // namespace winnow
