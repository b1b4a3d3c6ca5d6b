#pragma once

#include "losses/pair_loss.h"

namespace winnow {

struct ContrastiveOptions : PairOptions {
  double pos_margin = 1.0, neg_margin = 0.5;
  void visit(OptionVisitor& v) override;
};

/// Contrastive loss on cosines, over ordered pairs of the batch and, with a memory, of batch x bank:
///   (1/n) [ sum_{pos, S < pos_margin} (pos_margin - S) + sum_{neg, S > neg_margin} S ]
/// n is the trusted number of anchors for positives and B for negatives (Averaging::kAnchors).
/// Source: Wang et al., CVPR 2020 (XBM); Liu et al., CVPR 2021 (MCL).
class Contrastive : public PairLoss {
 public:
  Contrastive(const ContrastiveOptions& options, const LossContext& context)
      : PairLoss("contrastive", options, context), options_(options) {}

 protected:
  void add_items(const PairView& view, LossResult& result) override;

 private:
  ContrastiveOptions options_;
};

}  // namespace winnow
