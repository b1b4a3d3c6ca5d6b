#pragma once

#include <memory>

#include "losses/memory_bank.h"

namespace winnow {

struct ContrastiveOptions : Options {
  double pos_margin = 1.0, neg_margin = 0.5;
  int64_t memory = 0;
  double memory_weight = 1.0, memory_start = 0.0, memory_trust = 0.5;
  void visit(OptionVisitor& v) override;
};

/// Contrastive loss on cosines, over ordered pairs of the batch and, with a memory, of batch x bank:
///   (1/n) [ sum_{pos, S < pos_margin} (pos_margin - S) + sum_{neg, S > neg_margin} S ]
/// n is the trusted number of anchors for positives and B for negatives (Averaging::kAnchors). Only items trusted by
/// more than memory_trust enter the bank, after the step, with the label and trust the step used.
/// Source: Wang et al., CVPR 2020 (XBM); Liu et al., CVPR 2021 (MCL).
class Contrastive : public Loss {
 public:
  Contrastive(const ContrastiveOptions& options, const LossContext& context);

  LossResult forward(const LossBatch& batch, const Targets& targets) override;
  void after_step(const LossBatch& batch, const Targets& targets) override;
  LossState state() override { return bank_ ? bank_->state() : LossState{}; }
  /// With a bank, pairs come from earlier batches too.
  bool needs_pairs() const override { return bank_ == nullptr; }

 private:
  bool bank_active(const LossBatch& batch) const;
  void add_pairs(LossResult& result, const at::Tensor& similarity, const at::Tensor& same, const at::Tensor& allowed,
                 bool from_bank) const;

  ContrastiveOptions options_;
  int64_t dim_;
  at::ScalarType dtype_;
  std::unique_ptr<MemoryBank> bank_;
};

}  // namespace winnow
