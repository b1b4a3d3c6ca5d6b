#pragma once

#include <string>

#include "losses/class_head.h"

namespace winnow {

struct PartialFcOptions : Options {
  std::string kind = "arc";
  double margin = 0.5, scale = 64.0, share = 0.1;
  void visit(OptionVisitor& v) override;
};

/// ArcFace (kind arc) or CosFace (kind cos) against a random share of the classes, drawn anew each step as a function
/// of (seed, step); a picture's own class is always there. Time and memory of a step go with the share, and classes
/// that are the same thing under two names meet less often. One process; logits() still scores every class. Source: An
/// et al., CVPR 2022 (Partial FC).
class PartialFc : public Loss {
 public:
  PartialFc(const PartialFcOptions& options, const LossContext& context)
      : options_(options), head_("partial_fc", ClassHead::Kind::kCosine, options.scale, context), seed_(context.seed) {}

  LossResult forward(const LossBatch& batch, const Targets& targets) override;
  at::Tensor logits(const LossBatch& batch) override;
  double cosine_scale() const override { return head_.cosine_scale(); }
  std::vector<std::pair<std::string, at::Tensor>> parameters() override { return head_.parameters(); }

 private:
  at::Tensor drawn_classes(int64_t step) const;
  at::Tensor unit_rows(const at::Tensor& classes) const;
  at::Tensor row_values(const at::Tensor& z, const at::Tensor& labels, const at::Tensor& classes) const;

  PartialFcOptions options_;
  ClassHead head_;
  uint64_t seed_;
};

}  // namespace winnow
