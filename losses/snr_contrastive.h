#pragma once

#include "losses/pair_loss.h"

namespace winnow {

struct SnrContrastiveOptions : PairOptions {
  double pos_margin = 0.0, neg_margin = 1.0;
  void visit(OptionVisitor& v) override;
};

/// Contrastive loss on the signal-to-noise ratio d_ij = var(z_i - z_j) / var(z_i), variances over the D coordinates:
///   [d_ap - pos_margin]+ and [neg_margin - d_an]+ of ordered pairs.
/// Source: Yuan et al., CVPR 2019. Defaults as pytorch-metric-learning 2.9.
class SnrContrastive : public PairLoss {
 public:
  SnrContrastive(const SnrContrastiveOptions& options, const LossContext& context)
      : PairLoss("snr_contrastive", options, context), options_(options) {}

 protected:
  void add_items(const PairView& view, LossResult& result) override;

 private:
  SnrContrastiveOptions options_;
};

}  // namespace winnow
