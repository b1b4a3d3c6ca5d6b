#pragma once

#include "losses/formula_loss.h"
#include "losses/register.h"

namespace winnow {

/// One line for a loss that is a formula of log p; its name is that of its options.
template <typename O>
void add_formula(LossFamily& family, const char* summary, const char* paper, const char* formula, const char* noise) {
  add_loss<FormulaLoss<O>, O>(
      family, {.name = O::kName, .summary = summary, .paper = paper, .formula = formula, .noise = noise});
}

}  // namespace winnow
