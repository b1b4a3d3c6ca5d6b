#pragma once

#include "losses/formula_loss.h"

namespace winnow {

// Losses that draw. Draws are a function of (seed, step, row), so that a run repeats them and an item's draw does not
// depend on its place in the batch.

/// CE(x_i, y_i) - alpha(t) CE(x_j, y_k) with j and k drawn from the batch, each a permutation of its own; y_k is a
/// given label, x_j counts as far as it is trusted, and the second term stops at p = 1e-8. Source: Liu and Guo, ICML
/// 2020; alpha 0 for 20 of 120 epochs, 1 at 40.
struct PeerLossOptions : HeadOptions {
  static constexpr const char* kName = "peer";
  static constexpr bool kBounds = true;
  double alpha = 1.0, start = 0.17, ramp = 0.17;
  void visit(OptionVisitor& v) override;
  double alpha_at(double progress) const;
  at::Tensor value(const LabelScores& s) const;
};

/// Negative learning: the mean of -log(1 - p_c) over `negatives` random classes c that are not the label, p_c up to
/// 1 - 1e-5. Slow for many classes. Source: Kim et al., ICCV 2019 (its first stage, NL).
struct NlnlOptions : HeadOptions {
  static constexpr const char* kName = "nlnl";
  static constexpr bool kBounds = true;
  int64_t negatives = 1;
  void visit(OptionVisitor& v) override;
  at::Tensor value(const LabelScores& s) const;
};

/// The batch in an order drawn for (seed, purpose, step): positions, int64 [B]. Partner of the item at out[r] of one
/// purpose is the item at out[r] of another.
at::Tensor drawn_order(const LossBatch& batch, uint64_t seed, const char* purpose);

}  // namespace winnow
