#pragma once

#include "losses/class_head.h"

namespace winnow {

struct ProxyAnchorOptions : Options {
  double margin = 0.1, alpha = 32.0;
  void visit(OptionVisitor& v) override;
};

/// Proxies (unit class vectors) as anchors: with P+ the proxies that have a picture in the batch and P all,
///   1/|P+| sum_{p in P+} log(1 + sum_{x of p} t_x e^{-alpha (S - margin)}) +
///   1/|P|  sum_p log(1 + sum_{x not of p} e^{alpha (S + margin)}),
/// t_x the trust of the picture. A set loss: it gives no value for a single picture, and takes labels, not soft
/// targets. Source: Kim et al., CVPR 2020. As pytorch-metric-learning 2.9. The authors train the proxies 100 times
/// faster than the network and freeze the network for the first epochs.
class ProxyAnchor : public Loss {
 public:
  ProxyAnchor(const ProxyAnchorOptions& options, const LossContext& context)
      : options_(options), head_("proxy_anchor", ClassHead::Kind::kCosine, 1.0, context) {}
  LossResult forward(const LossBatch& batch, const Targets& targets) override;
  std::vector<std::pair<std::string, at::Tensor>> parameters() override { return head_.parameters(); }

 private:
  ProxyAnchorOptions options_;
  ClassHead head_;
};

}  // namespace winnow
