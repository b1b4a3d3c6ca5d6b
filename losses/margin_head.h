#pragma once

#include "losses/classification_loss.h"

namespace winnow {

/// Settings every cosine head with a margin has.
struct MarginOptions : Options {
  double scale = 64.0, margin_ramp = 0.0, filter = 1.0;
  void visit(OptionVisitor& v) override;
};

/// Base of the cosine heads with a margin: -log e^{s psi_y} / (e^{s psi_y} + sum_{j != y} e^{s phi_j}).
/// A member says what psi (and phi, where it is not the cosine) is. A soft target q gives sum_k q_k loss(k): in closed
/// form when phi does not depend on the label, else over the entries of q above 0.
/// filter < 1: another class whose cosine exceeds it is probably the same thing under another name, and its score
/// becomes 0 (inter-class filtering of An et al., CVPR 2022).
/// margin_ramp: the margin grows from 0 over this share of training.
class MarginHead : public ClassificationLoss {
 public:
  MarginHead(const char* name, const MarginOptions& options, const LossContext& context, SubCentres centres = {})
      : ClassificationLoss(name, ClassHead::Kind::kCosine, options.scale, context, centres), shared_(options) {}

 protected:
  at::Tensor values(const at::Tensor& logits, const LossBatch& batch, const Targets& targets) final;

  /// Looks at a batch before it is asked for values (statistics, norms). Labels here are the given ones, so that the
  /// loss of an item is a function of its target alone.
  /// @param cosine  [B, C] detached
  virtual void begin(const LossBatch& /*batch*/, const at::Tensor& /*cosine*/) {}
  /// psi from the cosine with the target.
  /// @param cosine  [M, K], each entry taken as the target's
  /// @param items   int64 [M] batch positions of the rows; undefined = in order
  virtual at::Tensor target_cosine(const at::Tensor& cosine, const at::Tensor& items) const = 0;
  /// phi of the classes that are not the target.
  /// @param cosine  [M, C];  @param psi  [M], of the rows' targets
  virtual at::Tensor other_cosines(const at::Tensor& cosine, const at::Tensor& psi) const;
  /// True when the loss of a label is more than psi_y against fixed scores.
  virtual bool depends_on_label() const { return shared_.filter < 1; }
  /// Loss of rows (item, label). @param cosine [M, C]  @param labels, items int64 [M] (items undefined = in order)
  virtual at::Tensor row_values(const at::Tensor& cosine, const at::Tensor& labels, const at::Tensor& items) const;
  /// A term of each item that does not depend on its label, [B]; undefined = none.
  virtual at::Tensor item_term() const { return {}; }

  double scale() const { return head().scale(); }
  /// Share of the margin in force, [0, 1].
  double ramp(const LossBatch& batch) const;
  /// Entries of x [B] for rows, as a column [M, 1].
  static at::Tensor column(const at::Tensor& x, const at::Tensor& items);

 private:
  at::Tensor soft_values(const at::Tensor& logits, const at::Tensor& cosine, const at::Tensor& soft) const;
  MarginOptions shared_;
};

/// cos(theta + m) without acos, whose slope is infinite at +-1. With `guard`, beyond theta = pi - m, where it would
/// turn upward, the line cos(theta) - m sin(m).
/// @param margin  radians; broadcasts against cosine
at::Tensor add_angle(const at::Tensor& cosine, const at::Tensor& margin, bool guard);
at::Tensor add_angle(const at::Tensor& cosine, double margin, bool guard);

}  // namespace winnow
