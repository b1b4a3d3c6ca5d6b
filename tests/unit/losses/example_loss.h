#pragma once

#include "losses/formula_loss.h"

namespace winnow {

/// weight * sum_k (e_k - p_k)^2. Source: Brier, 1950.
struct BrierOptions : HeadOptions {
  static constexpr const char* kName = "brier";
  static constexpr bool kBounds = true;  // it bounds the pull of a wrong label by itself
  double weight = 1.0;

  void visit(OptionVisitor& v) override {
    v.number("weight", weight, 0.0, 1000.0, "factor on the squares");
    HeadOptions::visit(v);
  }

  /// The loss of the labels asked for; s.own() is their log p, s.log_p that of every class.
  at::Tensor value(const LabelScores& s) const {
    const auto p = s.log_p.exp();
    return weight * (1 - 2 * s.pick(p) + p.square().sum(1, true));
  }
};

}  // namespace winnow
