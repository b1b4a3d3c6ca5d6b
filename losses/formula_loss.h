#pragma once

#include "losses/classification_loss.h"

namespace winnow {

/// Which scores a loss over classes works on; shared by all losses that take either head.
struct HeadOptions : Options {
  std::string head = "cosine";
  double scale = 20.0, logit_clip = 0.0;
  void visit(OptionVisitor& v) override;
  ClassHead::Kind kind() const { return head == "cosine" ? ClassHead::Kind::kCosine : ClassHead::Kind::kLinear; }
  double head_scale() const { return head == "cosine" ? scale : 1.0; }
};

/// What a formula may look at: log p of every class, and the labels to give the loss of.
struct LabelScores {
  const at::Tensor& log_p;   ///< [B, C], with gradient
  const at::Tensor& labels;  ///< int64 [B, 1]; undefined = the loss of every label is wanted, [B, C]
  const LossBatch& batch;
  const at::Tensor& trust;  ///< [B] in [0, 1]; undefined = all 1
  const LossContext& context;

  /// m [B, C] at the labels: [B, 1], or m itself where every label is wanted.
  at::Tensor pick(const at::Tensor& m) const { return labels.defined() ? m.gather(1, labels) : m; }
  /// log p of the labels.
  at::Tensor own() const { return pick(log_p); }
};

/// Base of losses that are functions of log p: softmax, clipping, soft targets as expectations over labels.
class ProbabilityLoss : public ClassificationLoss {
 public:
  ProbabilityLoss(const char* name, const HeadOptions& head, const LossContext& context)
      : ClassificationLoss(name, head.kind(), head.head_scale(), context), context_(context), clip_(head.logit_clip) {}

 protected:
  at::Tensor values(const at::Tensor& logits, const LossBatch& batch, const Targets& targets) final;
  /// @return the loss of the wanted labels, [B, 1] or [B, C] (or what broadcasts to it)
  virtual at::Tensor of_labels(const LabelScores& scores) = 0;
  const LossContext& context() const { return context_; }

 private:
  LossContext context_;
  double clip_;
};

/// A loss without state: an option struct O with `static constexpr const char* kName`, `static constexpr bool kBounds`
/// (true when it bounds the pull of wrong labels by itself) and `at::Tensor value(const LabelScores&) const`.
template <typename O>
class FormulaLoss : public ProbabilityLoss {
 public:
  FormulaLoss(const O& options, const LossContext& context)
      : ProbabilityLoss(O::kName, options, context), options_(options) {}
  bool robust() const override { return O::kBounds; }

 protected:
  at::Tensor of_labels(const LabelScores& scores) override { return options_.value(scores); }

 private:
  O options_;
};

/// 1 - p from log p, exact near p = 1.
at::Tensor complement(const at::Tensor& log_p);

/// Scores of more than `norm` length are brought down to it: o norm / ||o||. Source: Wei et al., ICML 2023.
at::Tensor clip_logits(const at::Tensor& logits, double norm);

}  // namespace winnow
