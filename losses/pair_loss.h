#pragma once

#include <memory>
#include <string>

#include "losses/memory_bank.h"

namespace winnow {

/// Settings every loss over pairs of a batch has.
struct PairOptions : Options {
  double hidden_positive = 1.0;
  int64_t memory = 0;
  double memory_weight = 1.0, memory_start = 0.0, memory_trust = 0.5;
  void visit(OptionVisitor& v) override;
  /// The settings of the cross-batch memory, for the losses that make sense against one.
  void visit_memory(OptionVisitor& v);
};

/// The pairs of anchors (the batch) with partners (the batch itself, or the bank), N partners.
struct PairView {
  at::Tensor z, partners;         ///< unit rows [B, D] with gradient, [N, D]
  at::Tensor similarity;          ///< [B, N], with gradient
  at::Tensor positive, negative;  ///< bool [B, N]; an item is no pair with itself, an untrusted partner no positive, a
                                  ///< hidden positive no negative
  at::Tensor others;              ///< bool [B, N]; all but the item itself and hidden positives, for denominators
  at::Tensor labels, partner_labels;  ///< int64 [B], [N]
  at::Tensor trust, partner_trust;    ///< [B], [N] detached; both undefined when every label is trusted
  bool from_bank = false;
  const LossBatch* batch = nullptr;
};

/// Base of the losses over pairs: checks, similarities, masks, and a cross-batch memory where the loss has one.
/// With a bank the loss of batch x bank is added, times memory_weight. Only items trusted by more than memory_trust
/// enter it, after the step, with the label and trust the step used.
/// hidden_positive < 1: a negative whose cosine under the weight-EMA network exceeds it is probably the same thing
/// under another label and is left out (losses.md 4.2).
/// Source of the memory: Wang et al., CVPR 2020 (XBM).
class PairLoss : public Loss {
 public:
  /// @throws Error(kConfig) for memory: -1 without a number of training pictures
  PairLoss(const char* name, const PairOptions& options, const LossContext& context);

  /// @throws Error(kConfig) when hidden_positive is set and the batch has no z_teacher
  LossResult forward(const LossBatch& batch, const Targets& targets) final;
  void after_step(const LossBatch& batch, const Targets& targets) override;
  LossState state() override { return bank_ ? bank_->state() : LossState{}; }
  /// With a bank, pairs come from earlier batches too.
  bool needs_pairs() const override { return bank_ == nullptr; }
  bool needs_teacher() const override { return hidden_positive_ < 1; }

 protected:
  /// Adds the items of a view to the result.
  virtual void add_items(const PairView& view, LossResult& result) = 0;

  /// Values of the pairs a mask keeps: `values` is in the row-major order of mask.nonzero().
  static LossItems pair_items(const PairView& view, ItemKind kind, const at::Tensor& mask, const at::Tensor& values);
  /// Values [M] of the anchors at these positions; undefined = all in order.
  static LossItems anchor_items(const at::Tensor& values, const at::Tensor& positions = {});
  /// Values [M] of triplets (or of positive pairs) by the positions of anchor and positive.
  static LossItems triplet_items(const PairView& view, ItemKind kind, const at::Tensor& anchors,
                                 const at::Tensor& positives, const at::Tensor& values);
  const char* name() const { return name_; }
  at::ScalarType dtype() const { return dtype_; }

 private:
  bool bank_active(const LossBatch& batch) const;
  PairView batch_view(const LossBatch& batch, const Targets& targets) const;
  PairView bank_view(const PairView& own, const LossBatch& batch) const;
  /// Takes hidden positives out of the negatives and untrusted partners out of the positives.
  void settle(PairView& view, const LossBatch& batch) const;
  void leave_out_hidden(PairView& view, const LossBatch& batch) const;

  const char* name_;
  double hidden_positive_, memory_weight_, memory_start_, memory_trust_;
  int64_t dim_;
  at::ScalarType dtype_;
  std::unique_ptr<MemoryBank> bank_;
};

/// A bool mask's rows that have an entry, bool [B].
at::Tensor has_any(const at::Tensor& mask);

}  // namespace winnow
