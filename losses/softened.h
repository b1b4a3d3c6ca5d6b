#pragma once

#include "losses/formula_loss.h"

namespace winnow {

/// (1-r) CE_y + r mean_k CE_k; a negative r pushes away from the other classes and bears more noise.
/// Source: Szegedy et al., CVPR 2016; Wei et al., ICML 2022 (r down to -8).
struct LabelSmoothingOptions : HeadOptions {
  static constexpr const char* kName = "label_smoothing";
  static constexpr bool kBounds = false;
  double rate = 0.1;
  void visit(OptionVisitor& v) override;
  at::Tensor value(const LabelScores& s) const;
};

/// (1-p_y)^gamma CE_y. Source: Lin et al., ICCV 2017; gamma as in the code of Ma et al., ICML 2020.
struct FocalOptions : HeadOptions {
  static constexpr const char* kName = "focal";
  static constexpr bool kBounds = false;
  double gamma = 0.5;
  void visit(OptionVisitor& v) override;
  at::Tensor value(const LabelScores& s) const;
};

/// -sum_k (beta e_yk + (1-beta) p_k) log p_k, the gradient going through p too. Source: Reed et al., ICLR-W 2015.
struct BootstrapSoftOptions : HeadOptions {
  static constexpr const char* kName = "bootstrap_soft";
  static constexpr bool kBounds = false;
  double beta = 0.95;
  void visit(OptionVisitor& v) override;
  at::Tensor value(const LabelScores& s) const;
};

/// beta CE_y + (1-beta) CE_yhat. Source: Reed et al., ICLR-W 2015.
struct BootstrapHardOptions : HeadOptions {
  static constexpr const char* kName = "bootstrap_hard";
  static constexpr bool kBounds = false;
  double beta = 0.8;
  void visit(OptionVisitor& v) override;
  at::Tensor value(const LabelScores& s) const;
};

/// alpha CE(p') + beta (1 - p_y) with p' = (p + m e_yhat) / (1 + m). Source: Wang et al., NeurIPS 2024; m 1e4 for
/// symmetric, 1e2 for asymmetric noise. alpha and beta are plain 1: the authors tune them for each set.
struct EpsSoftmaxOptions : HeadOptions {
  static constexpr const char* kName = "eps_softmax";
  static constexpr bool kBounds = true;
  double m = 1e4, alpha = 1.0, beta = 1.0;
  void visit(OptionVisitor& v) override;
  at::Tensor value(const LabelScores& s) const;
};

/// Cross entropy of clipped scores; every loss with a `logit_clip` option does the same. Source: Wei et al., ICML 2023.
struct LogitClipOptions : HeadOptions {
  static constexpr const char* kName = "logit_clip";
  static constexpr bool kBounds = true;
  LogitClipOptions() {
    head = "linear";
    logit_clip = 1.5;
  }
  at::Tensor value(const LabelScores& s) const;
};

/// CE_y - beta(t) mean_k CE_k, and once the sieve works only where CE_y <= mean_k CE_k.
/// Source: Cheng et al., ICLR 2021: beta 0 for 10 of 100 epochs, then to 2 within 30; sieve after 30.
struct CoresOptions : HeadOptions {
  static constexpr const char* kName = "cores";
  static constexpr bool kBounds = true;
  double beta = 2.0, start = 0.1, ramp = 0.3, sieve = 0.3;
  void visit(OptionVisitor& v) override;
  double beta_at(double progress) const;
  at::Tensor value(const LabelScores& s) const;
};

}  // namespace winnow
