#pragma once

#include "losses/formula_loss.h"

namespace winnow {

// Losses of p_y alone whose pull on a wrong label fades with p_y. All of them move slowly where p_y starts near 1/C
// (thousands of classes, large scales): mix in an active term there (apl.h).

/// 1 - p_y, half of sum_k |p_k - e_k|. Source: Ghosh et al., AAAI 2017.
struct MaeOptions : HeadOptions {
  static constexpr const char* kName = "mae";
  static constexpr bool kBounds = true;
  at::Tensor value(const LabelScores& s) const;
};

/// (1 - p_y^q) / q: cross entropy for q -> 0, MAE for q = 1. Made from log p, so no clamp is needed.
/// Source: Zhang and Sabuncu, NeurIPS 2018, eq. 6; q 0.7.
struct GceOptions : HeadOptions {
  static constexpr const char* kName = "gce";
  static constexpr bool kBounds = true;
  double q = 0.7;
  void visit(OptionVisitor& v) override;
  at::Tensor value(const LabelScores& s) const;
};

/// GCE where p_y > k, else the constant (1 - k^q) / q, which has no gradient: the best 0/1 weights of the authors'
/// alternating search for the present network, renewed at each visit instead of every 10 epochs. Plain GCE before
/// `start`. Source: Zhang and Sabuncu, NeurIPS 2018, eq. 10; q 0.7, k 0.5, from epoch 40 of 120.
struct TruncatedGceOptions : HeadOptions {
  static constexpr const char* kName = "truncated_gce";
  static constexpr bool kBounds = true;
  double q = 0.7, k = 0.5, start = 0.33;
  void visit(OptionVisitor& v) override;
  at::Tensor value(const LabelScores& s) const;
};

/// -sum_k p_k log e~_k = A (1 - p_y), A = -log of the clamp on the label. Source: Wang et al., ICCV 2019.
struct RceOptions : HeadOptions {
  static constexpr const char* kName = "rce";
  static constexpr bool kBounds = true;
  double label_floor = 1e-4;
  void visit(OptionVisitor& v) override;
  at::Tensor value(const LabelScores& s) const;
};

/// alpha CE + beta RCE. Source: Wang et al., ICCV 2019; CIFAR-10 alpha 0.1, beta 1 (alpha 6, beta 0.1 for 100 classes).
struct SceOptions : HeadOptions {
  static constexpr const char* kName = "sce";
  static constexpr bool kBounds = true;
  double alpha = 0.1, beta = 1.0, label_floor = 1e-4;
  void visit(OptionVisitor& v) override;
  at::Tensor value(const LabelScores& s) const;
};

/// sum_{i=1..terms} (1 - p_y)^i / i: MAE for one term, cross entropy for all. Source: Feng et al., IJCAI 2020.
struct TaylorOptions : HeadOptions {
  static constexpr const char* kName = "taylor_ce";
  static constexpr bool kBounds = true;
  int64_t terms = 2;
  void visit(OptionVisitor& v) override;
  at::Tensor value(const LabelScores& s) const;
};

/// ((a+1)^q - (a+p_y)^q) / q. Source: Zhou et al., ICML 2021.
struct AgceOptions : HeadOptions {
  static constexpr const char* kName = "agce";
  static constexpr bool kBounds = true;
  double a = 0.6, q = 0.6;
  void visit(OptionVisitor& v) override;
  at::Tensor value(const LabelScores& s) const;
};

/// ((a-p_y)^q - (a-1)^q) / q, a > 1. Source: Zhou et al., ICML 2021.
struct AulOptions : HeadOptions {
  static constexpr const char* kName = "aul";
  static constexpr bool kBounds = true;
  double a = 5.5, q = 3.0;
  void visit(OptionVisitor& v) override;
  at::Tensor value(const LabelScores& s) const;
};

/// exp(-p_y / a). Source: Zhou et al., ICML 2021.
struct AelOptions : HeadOptions {
  static constexpr const char* kName = "ael";
  static constexpr bool kBounds = true;
  double a = 2.5;
  void visit(OptionVisitor& v) override;
  at::Tensor value(const LabelScores& s) const;
};

// The same from p or log p, for mixtures.
at::Tensor agce_of(const at::Tensor& p, double a, double q);
at::Tensor aul_of(const at::Tensor& p, double a, double q);
at::Tensor ael_of(const at::Tensor& p, double a);

}  // namespace winnow
