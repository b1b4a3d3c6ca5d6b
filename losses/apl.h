#pragma once

#include "losses/formula_loss.h"

namespace winnow {

/// CE_y / sum_k CE_k. Source: Ma et al., ICML 2020.
struct NceOptions : HeadOptions {
  static constexpr const char* kName = "nce";
  static constexpr bool kBounds = true;
  at::Tensor value(const LabelScores& s) const;
};

/// F_y / sum_k F_k with F_k = (1-p_k)^gamma CE_k. Source: Ma et al., ICML 2020.
struct NflOptions : HeadOptions {
  static constexpr const char* kName = "nfl";
  static constexpr bool kBounds = true;
  double gamma = 0.5;
  void visit(OptionVisitor& v) override;
  at::Tensor value(const LabelScores& s) const;
};

/// alpha Active + beta Passive: NCE or NFL, with RCE, MAE (1 - p_y), AGCE, AUL or AEL. A weight, a or q of 0 takes the
/// authors' value for the number of classes: those of CIFAR-10 up to 20 classes, of CIFAR-100 above.
/// Source: Ma et al., ICML 2020; Zhou et al., ICML 2021 (the last three).
struct AplOptions : HeadOptions {
  static constexpr const char* kName = "apl";
  static constexpr bool kBounds = true;
  std::string active = "nce", passive = "rce";
  double alpha = 0, beta = 0, a = 0, q = 0, gamma = 0.5, label_floor = 1e-4;
  void visit(OptionVisitor& v) override;
  at::Tensor value(const LabelScores& s) const;

 protected:
  void visit_weights(OptionVisitor& v);
};

// The pairs by name.
struct NceRceOptions : AplOptions {
  static constexpr const char* kName = "nce_rce";
  void visit(OptionVisitor& v) override;
};
struct NceMaeOptions : AplOptions {
  static constexpr const char* kName = "nce_mae";
  NceMaeOptions() { passive = "mae"; }
  void visit(OptionVisitor& v) override;
};
struct NflRceOptions : AplOptions {
  static constexpr const char* kName = "nfl_rce";
  NflRceOptions() { active = "nfl"; }
  void visit(OptionVisitor& v) override;
};
struct NflMaeOptions : AplOptions {
  static constexpr const char* kName = "nfl_mae";
  NflMaeOptions() {
    active = "nfl";
    passive = "mae";
  }
  void visit(OptionVisitor& v) override;
};
struct NceAgceOptions : AplOptions {
  static constexpr const char* kName = "nce_agce";
  NceAgceOptions() { passive = "agce"; }
  void visit(OptionVisitor& v) override;
};
struct NceAulOptions : AplOptions {
  static constexpr const char* kName = "nce_aul";
  NceAulOptions() { passive = "aul"; }
  void visit(OptionVisitor& v) override;
};
struct NceAelOptions : AplOptions {
  static constexpr const char* kName = "nce_ael";
  NceAelOptions() { passive = "ael"; }
  void visit(OptionVisitor& v) override;
};

/// (1 - p)^gamma (-log p), with a finite slope at p = 1.
at::Tensor focal_of(const at::Tensor& log_p, double gamma);

}  // namespace winnow
